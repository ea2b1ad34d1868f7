/** What the jobs may do. */
import {
  changes,
  encrypt,
  keys,
  list,
  readElsewhere,
  type Role,
  rules,
  runRecords,
  sourceSecret,
  tasks,
  warehouse,
} from './grants.ts';
import { capturePurchases } from './capture.ts';

const write = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

const extractPurchases: Role = {
  holder: 'extract-purchases',
  trust: tasks,
  grants: [
    list,
    {
      sid: 'WriteDays',
      actions: write,
      on: keys('user_purchase/stage/*', 'user_purchase/rejects/*'),
    },
    changes,
    runRecords('extract-purchases'),
    encrypt,
    ...rules,
    sourceSecret,
  ],
};

const stageReviews: Role = {
  holder: 'stage-reviews',
  trust: tasks,
  grants: [
    list,
    { sid: 'WriteDays', actions: write, on: keys('movie_review/load/*') },
    { sid: 'WriteScripts', actions: ['s3:GetObject', 's3:PutObject'], on: keys('scripts/*') },
    {
      sid: 'DeleteProbes',
      actions: ['s3:DeleteObject'],
      on: keys('scripts/doctor/*'),
      note: 'for `--check`',
    },
    runRecords('stage-reviews'),
    encrypt,
    ...readElsewhere('Vendor', 'vendorBucket', 'vendorKey', "when the vendor's files are in S3"),
  ],
};

const clusters = 'arn:{partition}:elasticmapreduce:{region}:{account}:cluster/*';
const steps = [
  'AddJobFlowSteps',
  'DescribeStep',
  'ListSteps',
  'CancelSteps',
  'DescribeCluster',
].map((name) => `elasticmapreduce:${name}`);
const transient = 'for a transient cluster';
/** AWS names the services of China `….amazonaws.com.cn`. */
const passedTo = (service: string) => ({
  StringLike: { 'iam:PassedToService': `${service}.amazonaws.com*` },
});

const emrClean: Role = {
  holder: 'emr-clean',
  trust: tasks,
  grants: [
    list,
    {
      sid: 'ReadDays',
      actions: ['s3:GetObject'],
      on: keys('movie_review/load/*', 'scripts/*'),
    },
    {
      sid: 'WriteDays',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      on: keys('movie_review/stage/*', 'movie_review/rejects/*'),
    },
    runRecords('emr-clean'),
    encrypt,
    ...rules,
    {
      sid: 'UseStandingCluster',
      actions: steps,
      on: ['{clusterArn}'],
      note: 'for a standing cluster',
    },
    {
      sid: 'StartClusters',
      actions: ['elasticmapreduce:RunJobFlow'],
      on: ['*'],
      condition: { StringEquals: { 'aws:RequestTag/project': '{project}' } },
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'TagClusters',
      actions: ['elasticmapreduce:AddTags'],
      on: [clusters],
      condition: { StringEquals: { 'aws:RequestTag/project': '{project}' } },
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: transient,
    },
    {
      // In the request that starts the cluster; whether its tags count there yet is not documented.
      sid: 'EndIdleClusters',
      actions: ['elasticmapreduce:PutAutoTerminationPolicy'],
      on: [clusters],
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'ListClusters',
      actions: ['elasticmapreduce:ListClusters'],
      on: ['*'],
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'UseOwnClusters',
      actions: [...steps, 'elasticmapreduce:TerminateJobFlows'],
      on: [clusters],
      condition: { StringEquals: { 'elasticmapreduce:ResourceTag/project': '{project}' } },
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'PassServiceRole',
      actions: ['iam:PassRole'],
      on: ['{emrServiceRoleArn}'],
      condition: passedTo('elasticmapreduce'),
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'PassInstanceRole',
      actions: ['iam:PassRole'],
      on: ['{emrInstanceRoleArn}'],
      condition: passedTo('ec2'),
      without: ['clusterArn'],
      note: transient,
    },
    {
      sid: 'CheckRoles',
      actions: ['iam:GetRole'],
      on: ['{emrServiceRoleArn}'],
      without: ['clusterArn'],
      note: `${transient}, for \`--check\``,
    },
    {
      sid: 'CheckInstanceProfile',
      actions: ['iam:GetInstanceProfile'],
      on: ['{emrInstanceProfileArn}'],
      without: ['clusterArn'],
      note: `${transient}, for \`--check\``,
    },
    {
      sid: 'CheckSettings',
      actions: [
        'ec2:DescribeSubnets',
        'ec2:DescribeSecurityGroups',
        'elasticmapreduce:DescribeSecurityConfiguration',
      ],
      on: ['*'],
      needs: ['emrServiceRoleArn'],
      without: ['clusterArn'],
      note: `${transient}, for \`--check\``,
    },
  ],
};

const redshiftLoad: Role = {
  holder: 'redshift-load',
  trust: tasks,
  grants: [
    list,
    {
      sid: 'ReadManifests',
      actions: ['s3:GetObject'],
      on: keys('user_purchase/stage/*/_manifest.json', 'movie_review/stage/*/_manifest.json'),
    },
    changes,
    runRecords('redshift-load'),
    encrypt,
    ...warehouse(
      ['ExecuteStatement', 'BatchExecuteStatement'],
      ['DescribeStatement', 'GetStatementResult', 'ListStatements', 'CancelStatement'],
    ),
  ],
};

export const jobs = {
  'extract-purchases': extractPurchases,
  'stage-reviews': stageReviews,
  'emr-clean': emrClean,
  'redshift-load': redshiftLoad,
  'capture-purchases': capturePurchases,
};

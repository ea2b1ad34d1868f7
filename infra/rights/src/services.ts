/** What the services that the jobs use, and the scheduler on AWS, may do. */
import { decrypt, encrypt, keys, list, type Role, type Trust, tasks } from './grants.ts';

/** The service may take the role for resources of this account only. */
const ofAccount = (service: string, resource: string): Trust => ({
  services: [`${service}.amazonaws.com`],
  condition: {
    StringEquals: { 'aws:SourceAccount': '{account}' },
    ArnLike: { 'aws:SourceArn': `arn:{partition}:${resource}` },
  },
});

const emrService: Role = {
  holder: "EMR's service role",
  trust: ofAccount('elasticmapreduce', 'elasticmapreduce:{region}:{account}:*'),
  managedPolicies: ['arn:{partition}:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2'],
  grants: [
    {
      sid: 'PassInstanceRole',
      actions: ['iam:PassRole'],
      on: ['{emrInstanceRoleArn}'],
      condition: { StringLike: { 'iam:PassedToService': 'ec2.amazonaws.com*' } },
    },
  ],
};

const emrInstances: Role = {
  holder: "the cluster's instances",
  trust: { services: ['ec2.amazonaws.com'] },
  grants: [
    {
      ...list,
      actions: [...list.actions, 's3:ListBucketMultipartUploads'],
    },
    {
      sid: 'ReadInput',
      actions: ['s3:GetObject'],
      on: keys('movie_review/load/*', 'scripts/*'),
    },
    {
      sid: 'WriteOutput',
      actions: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      on: keys('movie_review/stage/*', 'movie_review/rejects/*'),
    },
    {
      sid: 'WriteLogs',
      actions: ['s3:PutObject'],
      on: ['arn:{partition}:s3:::{logsBucket}/emr/*'],
      note: 'when `EMR_LOG_URI` is set',
    },
    encrypt,
  ],
};

const glue = 'arn:{partition}:glue:{region}:{account}:';
/** Glue checks each call on the catalog, the database and the table. */
const catalog = [`${glue}catalog`, `${glue}database/{glueDatabase}`];

const spectrum: Role = {
  holder: "Redshift's Spectrum role",
  trust: { services: ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'] },
  grants: [
    { ...list, actions: [...list.actions, 's3:GetBucketLocation'] },
    {
      sid: 'ReadDays',
      actions: ['s3:GetObject'],
      on: keys('user_purchase/stage/*', 'movie_review/stage/*'),
    },
    decrypt,
    {
      sid: 'MakeDatabase',
      actions: ['glue:GetDatabase', 'glue:CreateDatabase'],
      on: catalog,
    },
    {
      sid: 'KeepTables',
      actions: [
        ...['GetTable', 'GetTables', 'CreateTable'],
        ...['GetPartition', 'GetPartitions', 'BatchGetPartition'],
        ...['CreatePartition', 'BatchCreatePartition', 'UpdatePartition'],
      ].map((name) => `glue:${name}`),
      on: [...catalog, `${glue}table/{glueDatabase}/*`],
    },
    {
      sid: 'DropProbes',
      actions: ['glue:DeleteTable'],
      on: [...catalog, `${glue}table/{glueDatabase}/doctor_*`],
      note: 'for `--check`',
    },
  ],
};

const taskExecution: Role = {
  holder: 'the execution role of the tasks on Fargate',
  // AWS documents the conditions of the account for task roles only.
  trust: { services: tasks.services },
  grants: [
    {
      sid: 'LogInToRegistry',
      actions: ['ecr:GetAuthorizationToken'],
      on: ['*'],
      needs: ['repositoryArns'],
    },
    {
      sid: 'PullImages',
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchGetImage',
      ],
      on: ['{repositoryArns}'],
    },
    {
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: ['arn:{partition}:logs:{region}:{account}:log-group:{logGroups}:log-stream:*'],
    },
  ],
};

const ecs = 'arn:{partition}:ecs:{region}:{account}:';
const inCluster = { ArnEquals: { 'ecs:cluster': `${ecs}cluster/{ecsCluster}` } };
const ofRunTask = { StringEquals: { 'ecs:CreateAction': 'RunTask' } };
const toTasks = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };

const whenCaptured = 'when `capture-purchases` runs';
const scheduler: Role = {
  holder: 'EventBridge Scheduler',
  trust: ofAccount('scheduler', 'scheduler:{region}:{account}:schedule-group/*'),
  grants: [
    { sid: 'StartDay', actions: ['states:StartExecution'], on: ['{stateMachineArn}'] },
    {
      sid: 'RunCapture',
      actions: ['ecs:RunTask'],
      on: [`${ecs}task-definition/{captureFamily}:*`],
      condition: inCluster,
      note: whenCaptured,
    },
    {
      sid: 'TagCapture',
      actions: ['ecs:TagResource'],
      on: [`${ecs}task/{ecsCluster}/*`],
      condition: ofRunTask,
      needs: ['captureFamily'],
      note: whenCaptured,
    },
    {
      sid: 'PassCaptureRoles',
      actions: ['iam:PassRole'],
      on: ['{captureRoleArn}', '{executionRoleArn}'],
      condition: toTasks,
      note: whenCaptured,
    },
  ],
};

const stateMachine: Role = {
  holder: 'the state machine of a day',
  trust: ofAccount('states', 'states:{region}:{account}:stateMachine:*'),
  grants: [
    {
      sid: 'RunTasks',
      actions: ['ecs:RunTask'],
      on: [`${ecs}task-definition/{taskFamilies}:*`],
      condition: inCluster,
    },
    {
      sid: 'FollowTasks',
      actions: ['ecs:StopTask', 'ecs:DescribeTasks'],
      on: [`${ecs}task/{ecsCluster}/*`],
    },
    {
      sid: 'TagTasks',
      actions: ['ecs:TagResource'],
      on: [`${ecs}task/{ecsCluster}/*`],
      condition: ofRunTask,
    },
    {
      sid: 'PassTaskRoles',
      actions: ['iam:PassRole'],
      on: ['{taskRoleArns}', '{executionRoleArn}'],
      condition: toTasks,
    },
    {
      sid: 'FollowEvents',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      on: ['arn:{partition}:events:{region}:{account}:rule/StepFunctionsGetEventsForECSTaskRule'],
      needs: ['ecsCluster'],
    },
    {
      sid: 'ReadLastWords',
      actions: ['logs:GetLogEvents'],
      on: ['arn:{partition}:logs:{region}:{account}:log-group:{logGroups}:log-stream:*'],
      needs: ['ecsCluster'],
      note: "what a failed job said last, for the execution's error",
    },
  ],
};

export const services = {
  'emr-service': emrService,
  'emr-instances': emrInstances,
  spectrum,
  'task-execution': taskExecution,
  scheduler,
  'state-machine': stateMachine,
};

/** Accounts with which, together, every grant is in a policy. */
import type { Names } from '../src/names.ts';

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const common = {
  partition: 'aws',
  region: 'eu-west-1',
  account: '123456789012',
  bucket: 'lake',
  project: 'user-behaviour',
  rulesBucket: 'settings',
  rulesKey: 'rules.json',
  vendorBucket: 'vendor',
  vendorKey: 'reviews/*',
  kmsKeyArn: arn('kms', 'key/11111111-2222-3333-4444-555555555555'),
  glueDatabase: 'user_behaviour',
} as const;

/** Transient clusters, a serverless warehouse, everything on Fargate. */
export const serverless = {
  ...common,
  sourceSecretArn: arn('secretsmanager', 'secret:source-AbCdEf'),
  emrServiceRoleArn: role('emr-service'),
  emrInstanceRoleArn: role('emr-instances'),
  emrInstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/emr-instances',
  logsBucket: 'lake-logs',
  workgroupArn: arn('redshift-serverless', 'workgroup/11111111-2222-3333-4444-555555555555'),
  ecsCluster: 'jobs',
  taskFamilies: ['extract', 'stage', 'clean', 'load'],
  taskRoleArns: ['extract', 'stage', 'clean', 'load'].map(role),
  executionRoleArn: role('execution'),
  repositoryArns: [arn('ecr', 'repository/extract')],
  logGroups: ['/jobs/extract'],
  stateMachineArn: arn('states', 'stateMachine:day'),
  captureFamily: 'capture',
  captureRoleArn: role('capture'),
} as const satisfies Names;

/** A standing cluster, a provisioned warehouse. */
export const provisioned = {
  ...common,
  clusterArn: arn('elasticmapreduce', 'cluster/j-2AXXXXXXGAPLF'),
  redshiftClusterArn: arn('redshift', 'cluster:warehouse'),
  redshiftDatabaseArn: arn('redshift', 'dbname:warehouse/dev'),
} as const satisfies Names;

/** The database user's credentials in a secret. */
export const withSecret = {
  ...provisioned,
  warehouseSecretArn: arn('secretsmanager', 'secret:warehouse-AbCdEf'),
} as const satisfies Names;

/** The rights of the module that rights.it.test.ts takes away from no role, and why. It refuses a right that is in neither. */
import type { RoleName } from '@user-behaviour/rights/policy';

interface NotTaken {
  readonly role: RoleName;
  readonly why: string;
  /** By the sid of their grant. */
  readonly rights: Readonly<Record<string, readonly string[]>>;
}

const s3 = (...names: readonly string[]) => names.map((name) => `s3:${name}`);
const glue = (...names: readonly string[]) => names.map((name) => `glue:${name}`);
const ownCatalog = 'the local warehouse keeps its catalog itself and calls no Glue';

export const notTaken: readonly NotTaken[] = [
  {
    role: 'capture-purchases',
    why: 'the pipeline of this suite captures nothing; the calls are those of extract-purchases, with other keys',
    rights: {
      ListBucket: s3('ListBucket'),
      WriteChanges: s3('GetObject', 'PutObject', 'DeleteObject'),
      ReadManifests: s3('GetObject'),
      WriteRunRecords: s3('PutObject'),
      EncryptObjects: ['kms:GenerateDataKey', 'kms:Decrypt'],
      ReadRules: s3('GetObject'),
      ListRules: s3('ListBucket'),
      ReadSourceSecret: ['secretsmanager:GetSecretValue'],
    },
  },
  ...(['extract-purchases', 'redshift-load', 'health'] as const).map((role) => ({
    role,
    why: 'nothing is captured here, and whoever may not read the pointer only warns',
    rights: { ReadChanges: s3('GetObject') },
  })),
  {
    role: 'health',
    why: 'they are grants of the jobs, from whose roles they are taken away',
    rights: {
      ListRules: s3('ListBucket'),
      RunInCluster: ['redshift-data:ExecuteStatement'],
      LogInToCluster: ['redshift:GetClusterCredentialsWithIAM'],
      ReadWarehouseSecret: ['secretsmanager:GetSecretValue'],
    },
  },
  {
    role: 'health',
    why: 'the local warehouse says in its first reply how such a short statement ended',
    rights: { FollowStatements: ['redshift-data:DescribeStatement'] },
  },
  {
    role: 'emr-service',
    why: 'the local EMR starts processes instead of instances and passes them no role',
    rights: { PassInstanceRole: ['iam:PassRole'] },
  },
  {
    role: 'emr-instances',
    why: 'S3DistCp of the local EMR writes each object in one request and deletes none',
    rights: {
      ListBucket: s3('ListBucketMultipartUploads'),
      WriteOutput: s3('DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'),
    },
  },
  {
    role: 'emr-instances',
    why: 'the local EMR keeps the logs of steps as files',
    rights: { WriteLogs: s3('PutObject') },
  },
  {
    role: 'spectrum',
    why: 'the local warehouse knows the region of its S3',
    rights: { ListBucket: s3('GetBucketLocation') },
  },
  {
    role: 'spectrum',
    why: ownCatalog,
    rights: {
      MakeDatabase: glue('GetDatabase', 'CreateDatabase'),
      KeepTables: glue(
        ...['GetTable', 'GetTables', 'CreateTable'],
        ...['GetPartition', 'GetPartitions', 'BatchGetPartition'],
        ...['CreatePartition', 'BatchCreatePartition', 'UpdatePartition'],
      ),
      DropProbes: glue('DeleteTable'),
    },
  },
  {
    role: 'task-execution',
    why: 'ECS uses it before the job starts, and the emulator starts no tasks',
    rights: {
      LogInToRegistry: ['ecr:GetAuthorizationToken'],
      PullImages: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchGetImage',
      ],
      WriteLogs: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    },
  },
  {
    role: 'scheduler',
    why: 'the emulator runs no schedules',
    rights: {
      StartDay: ['states:StartExecution'],
      RunCapture: ['ecs:RunTask'],
      TagCapture: ['ecs:TagResource'],
      PassCaptureRoles: ['iam:PassRole'],
    },
  },
  {
    role: 'state-machine',
    why: 'the emulator mocks the results of ECS and enforces no policy on Step Functions',
    rights: {
      RunTasks: ['ecs:RunTask'],
      FollowTasks: ['ecs:StopTask', 'ecs:DescribeTasks'],
      TagTasks: ['ecs:TagResource'],
      PassTaskRoles: ['iam:PassRole'],
      FollowEvents: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      ReadLastWords: ['logs:GetLogEvents'],
    },
  },
];

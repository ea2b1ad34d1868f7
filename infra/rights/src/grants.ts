/** What a role consists of. Texts in it are templates: `{bucket}` stands for that name of `Names`. */
import type { NameKey } from './names.ts';

type Operator = 'StringEquals' | 'StringLike' | 'ArnEquals' | 'ArnLike';
export type Condition = Readonly<Partial<Record<Operator, Readonly<Record<string, string>>>>>;

export interface Grant {
  /** Unique in its role. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** ARNs; `*` alone only for actions that take no resource. */
  readonly on: readonly string[];
  readonly condition?: Condition;
  /** Names that must be given as well, and names that must not be. */
  readonly needs?: readonly NameKey[];
  readonly without?: readonly NameKey[];
  /** When or what for, if the actions do not say it themselves. */
  readonly note?: string;
}

/** Who may take a role: a service of AWS, for resources of this account. */
export interface Trust {
  readonly services: readonly string[];
  readonly condition?: Condition;
}

export interface Role {
  /** The job, service or person that has the role. */
  readonly holder: string;
  readonly grants: readonly Grant[];
  readonly trust: Trust;
  /** ARNs of policies that AWS maintains. */
  readonly managedPolicies?: readonly string[];
}

const s3 = 'arn:{partition}:s3:::';

/** ARNs of keys in the pipeline's bucket. */
export const keys = (...patterns: readonly string[]): readonly string[] =>
  patterns.map((pattern) => `${s3}{bucket}/${pattern}`);

/**
 * Without a condition on the prefix: a GET of a missing key has none, so S3 would answer 403 instead of 404, and
 * a day that does not exist yet would look like a missing right.
 */
export const list: Grant = {
  sid: 'ListBucket',
  actions: ['s3:ListBucket'],
  on: [`${s3}{bucket}`],
};

/** Another object that a job reads. */
export const readElsewhere = (
  name: 'Rules' | 'Vendor',
  bucket: NameKey,
  key: NameKey,
  note: string,
): readonly Grant[] => [
  {
    sid: `Read${name}`,
    actions: ['s3:GetObject'],
    on: [`${s3}{${bucket}}/{${key}}`],
    note,
  },
  { sid: `List${name}`, actions: ['s3:ListBucket'], on: [`${s3}{${bucket}}`], needs: [key], note },
];

export const rules = readElsewhere('Rules', 'rulesBucket', 'rulesKey', 'when `RULES` is in S3');

/** The address of the source, with its password. */
export const sourceSecret: Grant = {
  sid: 'ReadSourceSecret',
  actions: ['secretsmanager:GetSecretValue'],
  on: ['{sourceSecretArn}'],
  note: 'when `SOURCE_DATABASE_SECRET_ARN` is set',
};

const key = (sid: string, actions: readonly string[]): Grant => ({
  sid,
  actions,
  on: ['{kmsKeyArn}'],
  condition: { StringLike: { 'kms:ViaService': 's3.{region}.amazonaws.com*' } },
  note: 'when the bucket has SSE-KMS',
});

export const decrypt = key('DecryptObjects', ['kms:Decrypt']);
/** S3 decrypts what it has of an upload in parts. */
export const encrypt = key('EncryptObjects', ['kms:GenerateDataKey', 'kms:Decrypt']);

const api = (names: readonly string[]) => names.map((name) => `redshift-data:${name}`);

/** To start statements and follow them, as the role itself or as the database user in a secret. */
export const warehouse = (
  start: readonly string[],
  follow: readonly string[],
): readonly Grant[] => [
  ...(['workgroupArn', 'redshiftClusterArn'] as const).map((name) => ({
    sid: name === 'workgroupArn' ? 'RunInWorkgroup' : 'RunInCluster',
    actions: api(start),
    on: [`{${name}}`],
  })),
  // With a condition on the owner, a run would not see the statements of an earlier one.
  { sid: 'FollowStatements', actions: api(follow), on: ['*'] },
  {
    sid: 'LogInToWorkgroup',
    actions: ['redshift-serverless:GetCredentials'],
    on: ['{workgroupArn}'],
    without: ['warehouseSecretArn'],
    note: 'without `REDSHIFT_SECRET_ARN`',
  },
  {
    sid: 'LogInToCluster',
    actions: ['redshift:GetClusterCredentialsWithIAM'],
    on: ['{redshiftDatabaseArn}'],
    without: ['warehouseSecretArn'],
    note: 'without `REDSHIFT_SECRET_ARN`',
  },
  {
    sid: 'ReadWarehouseSecret',
    actions: ['secretsmanager:GetSecretValue'],
    on: ['{warehouseSecretArn}'],
    note: 'when `REDSHIFT_SECRET_ARN` is set',
  },
];

/** What a job leaves about its runs. It works without, and says so in the log. */
export const runRecords = (job: string): Grant => ({
  sid: 'WriteRunRecords',
  actions: ['s3:PutObject'],
  on: keys(`runs/${job}/*`),
  note: 'for the records of its runs; without, the job only warns',
});

/** What capture-purchases has recorded of each day. */
export const changes: Grant = {
  sid: 'ReadChanges',
  actions: ['s3:GetObject'],
  on: keys('user_purchase/changes/_head.json'),
  note: 'when `capture-purchases` runs; without, it only warns',
};

/** ECS may take the role for tasks of this account only. */
export const tasks: Trust = {
  services: ['ecs-tasks.amazonaws.com'],
  condition: {
    StringEquals: { 'aws:SourceAccount': '{account}' },
    ArnLike: { 'aws:SourceArn': 'arn:{partition}:ecs:{region}:{account}:*' },
  },
};

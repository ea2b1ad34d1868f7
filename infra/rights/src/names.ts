/** The names that a policy needs of an account. Any of them may be a CloudFormation token. */

/** What each name is; ARNs unless said otherwise. `policies.ts` has an option for each. */
export const nameTexts = {
  partition: 'aws, aws-cn or aws-us-gov',
  region: 'such as eu-west-1',
  account: 'twelve digits',
  bucket: "name of the pipeline's bucket",
  project: 'value of the tag `project`, which marks the clusters that emr-clean may use',

  rulesBucket: 'name of the bucket of the object that RULES names',
  rulesKey: 'its key',
  vendorBucket: "name of the bucket of the vendor's files",
  vendorKey: 'their key; it may end with *',
  sourceSecretArn: 'the secret that SOURCE_DATABASE_SECRET_ARN names',
  kmsKeyArn: 'the key of the buckets, if they have SSE-KMS',

  clusterArn: 'a standing cluster; without it, emr-clean starts transient ones',
  emrServiceRoleArn: 'the service role of transient clusters',
  emrInstanceRoleArn: "the role of the clusters' instances",
  emrInstanceProfileArn: 'the instance profile that has it',
  logsBucket: 'name of the bucket in EMR_LOG_URI; clusters write below emr/',

  workgroupArn: 'a serverless workgroup; its last part is a UUID, not the name',
  redshiftClusterArn: 'instead, a provisioned warehouse: arn:…:cluster:NAME',
  redshiftDatabaseArn: 'its database: arn:…:dbname:NAME/DATABASE',
  warehouseSecretArn: 'the secret that REDSHIFT_SECRET_ARN names; without it, the role logs in',
  glueDatabase: 'name of the database in the Glue catalog',

  ecsCluster: 'name of the cluster in which the tasks run',
  taskFamilies: 'names of the families of the task definitions',
  taskRoleArns: 'the roles of the four jobs',
  executionRoleArn: "the tasks' execution role",
  repositoryArns: "the images' repositories",
  logGroups: "names of the tasks' log groups",
  stateMachineArn: 'the state machine of a day',
  captureFamily: 'name of the family of the task definition of capture-purchases',
  captureRoleArn: 'its role',
} as const;

export type NameKey = keyof typeof nameTexts;

type Required = 'partition' | 'region' | 'account' | 'bucket' | 'project';
/** Names with several values. */
export const several = ['taskFamilies', 'taskRoleArns', 'repositoryArns', 'logGroups'] as const;
type Several = (typeof several)[number];

/** A grant is in a policy only if all the names in it are given. */
export type Names = Readonly<Record<Required, string>> &
  Readonly<Partial<Record<Exclude<NameKey, Required | Several>, string>>> &
  Readonly<Partial<Record<Several, readonly string[]>>>;

/** The names in the template. */
export const namesIn = (template: string): readonly NameKey[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as NameKey);

/** Fills `{name}` in the template. A name with several values makes several texts; one that is not given, none. */
export function fill(template: string, names: Names): readonly string[] {
  const [, before = '', name = '', after = ''] = /^([^{]*)\{(\w+)\}(.*)$/.exec(template) ?? [];
  if (name === '') return [template];
  const values = names[name as NameKey];
  if (values === undefined) return [];
  return [values].flat().flatMap((value) =>
    // The value itself is not a template: a token contains braces.
    fill(after, names).map((rest) => `${before}${value}${rest}`),
  );
}

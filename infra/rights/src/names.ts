/** The names that a policy needs of an account. Any of them may be a CloudFormation token. */

/** A grant is in a policy only if all the names in it are given. */
export interface Names {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** The pipeline's bucket, by its name. */
  readonly bucket: string;
  /** Value of the tag `project`, which marks the clusters that emr-clean may touch. */
  readonly project: string;

  /** The object that `RULES` names, if it is in S3. */
  readonly rulesBucket?: string;
  readonly rulesKey?: string;
  /** The vendor's files, if they are in S3. `vendorKey` may end with `*`. */
  readonly vendorBucket?: string;
  readonly vendorKey?: string;
  /** The secret that `SOURCE_DATABASE_SECRET_ARN` names. */
  readonly sourceSecretArn?: string;
  /** The key of buckets with SSE-KMS. */
  readonly kmsKeyArn?: string;

  /** A standing cluster; without it, emr-clean starts transient ones, with the roles below. */
  readonly clusterArn?: string;
  readonly emrServiceRoleArn?: string;
  readonly emrInstanceRoleArn?: string;
  readonly emrInstanceProfileArn?: string;
  /** The bucket that `EMR_LOG_URI` names; clusters write below `emr/`. */
  readonly logsBucket?: string;

  /** A serverless workgroup. The last part of its ARN is a UUID, not its name. */
  readonly workgroupArn?: string;
  /** A provisioned warehouse, instead: `arn:…:cluster:NAME` and `arn:…:dbname:NAME/DATABASE`. */
  readonly redshiftClusterArn?: string;
  readonly redshiftDatabaseArn?: string;
  /** The secret that `REDSHIFT_SECRET_ARN` names; without it, the role itself logs in. */
  readonly warehouseSecretArn?: string;
  readonly glueDatabase?: string;

  /** ECS on Fargate: the cluster, by its name, and the families of the jobs' task definitions. */
  readonly ecsCluster?: string;
  readonly taskFamilies?: readonly string[];
  readonly taskRoleArns?: readonly string[];
  readonly executionRoleArn?: string;
  readonly repositoryArns?: readonly string[];
  readonly logGroups?: readonly string[];
  readonly stateMachineArn?: string;
}

export type NameKey = keyof Names;

/** Fills `{name}` in the template. A name with several values makes several texts; one that is not given, none. */
export function fill(template: string, names: Names): readonly string[] {
  const [, before = '', name = '', after = ''] = /^([^{]*)\{(\w+)\}(.*)$/.exec(template) ?? [];
  if (name === '') return [template];
  const values = names[name as NameKey];
  if (values === undefined) return [];
  return [values].flat().flatMap((value) =>
    // The value is not a template: a token contains braces.
    fill(after, names).map((rest) => `${before}${value}${rest}`),
  );
}

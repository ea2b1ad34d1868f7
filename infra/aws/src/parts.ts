/**
 * What the stacks give each other. Each part comes from its stack, or from the context where an account has it
 * already. Names and ARNs may be CloudFormation tokens.
 */

export const jobs = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'] as const;
export type JobName = (typeof jobs)[number];

export interface StoragePart {
  readonly bucketName: string;
  /** Access logs, and below `emr/` the logs of clusters. */
  readonly logsBucketName: string;
  /** The name of each job's ECR repository. */
  readonly repositories: Readonly<Record<JobName, string>>;
}

export interface NetworkPart {
  readonly vpcId: string;
  readonly availabilityZones: readonly string[];
  /** With a route to the internet: the tasks run here. */
  readonly jobSubnetIds: readonly string[];
  /** Without one: clusters, warehouse and demo source are here. */
  readonly dataSubnetIds: readonly string[];
  readonly taskSecurityGroupId: string;
}

export interface ClusterPart {
  readonly serviceRoleName: string;
  readonly serviceRoleArn: string;
  readonly instanceProfileName: string;
  readonly instanceRoleArn: string;
  readonly primarySecurityGroupId: string;
  readonly coreSecurityGroupId: string;
  readonly serviceSecurityGroupId: string;
  readonly securityConfigurationName: string;
}

export interface WarehousePart {
  readonly workgroupName: string;
  /** Its last part is a UUID, not the name. */
  readonly workgroupArn: string;
  readonly database: string;
  readonly glueDatabase: string;
  readonly spectrumRoleArn: string;
}

export interface SourcePart {
  /** The secret with the source's address, user and password. */
  readonly secretArn: string;
}

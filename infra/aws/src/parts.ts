/**
 * What the stacks give each other. Each part comes from its stack, or from the context where an account has it
 * already. Names and ARNs may be CloudFormation tokens.
 */
import * as z from 'zod';
import type { TaskName } from './deployed-names.ts';

const id = z.string().min(1);
const ec2 = (kind: 'vpc' | 'subnet' | 'sg') =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`));
const arn = z.string().regex(/^arn:[\w-]+:/);

export const storagePart = z.strictObject({
  bucketName: id,
  /** Access logs, and below `emr/` the logs of clusters. */
  logsBucketName: id,
  /** Before the job's name in the name of its ECR repository. */
  repositoryPrefix: z.string().regex(/^([a-z0-9][a-z0-9._-]*\/)*$/),
});
export type StoragePart = Readonly<z.infer<typeof storagePart>>;

export const networkPart = z.strictObject({
  vpcId: ec2('vpc'),
  availabilityZones: z.array(id).min(2),
  /** With a route to the internet: the tasks run here. */
  jobSubnetIds: z.array(ec2('subnet')).min(2),
  /** Without one: clusters, warehouse and demo source are here. */
  dataSubnetIds: z.array(ec2('subnet')).min(2),
  taskSecurityGroupId: ec2('sg'),
});
export type NetworkPart = Readonly<z.infer<typeof networkPart>>;

export const clusterPart = z.strictObject({
  serviceRoleName: id,
  serviceRoleArn: arn,
  instanceProfileName: id,
  instanceRoleArn: arn,
  primarySecurityGroupId: ec2('sg'),
  coreSecurityGroupId: ec2('sg'),
  serviceSecurityGroupId: ec2('sg'),
  securityConfigurationName: id,
});
export type ClusterPart = Readonly<z.infer<typeof clusterPart>>;

export const warehousePart = z.strictObject({
  workgroupName: id,
  /** Its last part is a UUID, not the name. */
  workgroupArn: arn,
  database: id,
  spectrumRoleArn: arn,
});
export type WarehousePart = Readonly<z.infer<typeof warehousePart>>;

/** Not a part of the context: `source`, `sourceCaUrl` and `reviews` are keys of their own. */
export interface SourcePart {
  /** The secret with the source's address, user and password. */
  readonly secretArn: string;
  /**
   * PEM file with the authorities that sign the source's certificate. Node trusts those of RDS only with this file,
   * and the images do not hold it. Undefined where Node's own list is enough.
   */
  readonly caUrl: string | undefined;
  /** REVIEWS_SOURCE: s3://bucket/key, with `{ds}` for the day. */
  readonly reviews: string;
}

/** The names of the jobs' roles are fixed: the warehouse knows the database user of a role by its name. */
export const jobRoleName = (job: TaskName): string => `user-behaviour-${job}`;

/** EMR's managed policy lets the service act only on what has this tag. */
export const emrTag = ['for-use-with-amazon-emr-managed-policies', 'true'] as const;

/** On everything that costs: for the budget, and for the right to end clusters of this project only. */
export const projectTag = ['project', 'user-behaviour'] as const;

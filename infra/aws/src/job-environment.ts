/** The variables of each job, from what the stacks give each other. */
import { Fn } from 'aws-cdk-lib';
import type { Context } from './context.ts';
import type { TaskName } from './deployed-names.ts';
import type { ClusterPart, NetworkPart, SourcePart, StoragePart, WarehousePart } from './parts.ts';

/** All that the daily run needs of the other stacks. */
export interface Parts {
  readonly storage: StoragePart;
  readonly network: NetworkPart;
  readonly cluster: ClusterPart;
  readonly warehouse: WarehousePart;
  readonly source: SourcePart;
}

/** Where the source's certificate authorities are, in a task that has them. */
export const authorities = { folder: '/etc/source-authorities', file: 'ca.pem' } as const;

/** What the context sets wins. */
export function environmentsOf(
  {
    region,
    historyStart,
    variables,
    capture,
  }: Pick<Context, 'region' | 'historyStart' | 'variables' | 'capture'>,
  { storage, network, cluster, warehouse, source }: Parts,
): Readonly<Record<TaskName, Readonly<Record<string, string>>>> {
  const base = { AWS_REGION: region, PIPELINE_BUCKET: storage.bucketName };
  const verified = source.caUrl && {
    SOURCE_DATABASE_CA_FILE: `${authorities.folder}/${authorities.file}`,
  };
  return {
    'extract-purchases': {
      ...base,
      SOURCE_DATABASE_SECRET_ARN: source.secretArn,
      ...verified,
      ...variables['extract-purchases'],
    },
    'capture-purchases': {
      ...base,
      ...(capture !== undefined && { SOURCE_DATABASE_SECRET_ARN: capture }),
      ...verified,
      ...variables['capture-purchases'],
    },
    'stage-reviews': { ...base, REVIEWS_SOURCE: source.reviews, ...variables['stage-reviews'] },
    'emr-clean': {
      ...base,
      EMR_SERVICE_ROLE: cluster.serviceRoleName,
      EMR_JOB_FLOW_ROLE: cluster.instanceProfileName,
      EMR_SUBNET_ID: Fn.join(',', [...network.dataSubnetIds]),
      EMR_PRIMARY_SECURITY_GROUP: cluster.primarySecurityGroupId,
      EMR_CORE_SECURITY_GROUP: cluster.coreSecurityGroupId,
      EMR_SERVICE_SECURITY_GROUP: cluster.serviceSecurityGroupId,
      EMR_SECURITY_CONFIGURATION: cluster.securityConfigurationName,
      EMR_LOG_URI: `s3://${storage.logsBucketName}/emr/`,
      ...variables['emr-clean'],
    },
    'redshift-load': {
      ...base,
      REDSHIFT_WORKGROUP: warehouse.workgroupName,
      REDSHIFT_DATABASE: warehouse.database,
      SPECTRUM_ROLE_ARN: warehouse.spectrumRoleArn,
      HISTORY_START: historyStart,
      ...variables['redshift-load'],
    },
  };
}

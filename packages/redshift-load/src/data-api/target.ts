/** Which Redshift is meant, and how it is told that there is none such. */
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import type { LoadConfiguration } from '../config.ts';

export interface Target {
  readonly Database: string;
  readonly WorkgroupName?: string;
  readonly ClusterIdentifier?: string;
  readonly SecretArn?: string;
}

export function targetOf(configuration: LoadConfiguration): Target {
  const { REDSHIFT_WORKGROUP, REDSHIFT_CLUSTER_ID, REDSHIFT_SECRET_ARN } = configuration;
  return {
    Database: configuration.REDSHIFT_DATABASE,
    ...(REDSHIFT_WORKGROUP === undefined ? {} : { WorkgroupName: REDSHIFT_WORKGROUP }),
    ...(REDSHIFT_CLUSTER_ID === undefined ? {} : { ClusterIdentifier: REDSHIFT_CLUSTER_ID }),
    ...(REDSHIFT_SECRET_ARN === undefined ? {} : { SecretArn: REDSHIFT_SECRET_ARN }),
  };
}

export const createClient = (configuration: LoadConfiguration): RedshiftDataClient =>
  new RedshiftDataClient(
    clientSettings(
      configuration.AWS_REGION,
      configuration.AWS_ENDPOINT_URL_REDSHIFT_DATA,
      configuration.SOCKET_TIMEOUT,
    ),
  );

/** The API calls a target that does not exist a fault of the request; it is one of the settings. */
export async function submitting<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await attempt(`submit ${name}`, call);
  } catch (error) {
    const wrongTarget =
      error instanceof Failure &&
      ['ValidationException', 'ResourceNotFoundException'].includes(awsErrorName(error.cause)) &&
      /endpoint|workgroup|cluster|database|secret/i.test(error.message);
    if (!wrongTarget) throw error;
    throw new Failure('configuration', error.message, {
      cause: error.cause,
      action: 'correct REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER_ID, REDSHIFT_DATABASE, AWS_REGION',
    });
  }
}

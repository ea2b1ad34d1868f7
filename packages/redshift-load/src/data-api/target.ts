/** Resolves the Redshift target, and reports a missing one as a configuration error. */
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import type { LoadConfiguration } from '../config.ts';

/** The settings that name a warehouse and say how long to wait for it. */
export type Connection = Pick<
  LoadConfiguration,
  | 'AWS_REGION'
  | 'AWS_ENDPOINT_URL_REDSHIFT_DATA'
  | 'SOCKET_TIMEOUT'
  | 'REDSHIFT_WORKGROUP'
  | 'REDSHIFT_CLUSTER_ID'
  | 'REDSHIFT_SECRET_ARN'
  | 'REDSHIFT_DATABASE'
  | 'REDSHIFT_STATEMENT_TIMEOUT'
>;

export interface Target {
  readonly Database: string;
  readonly WorkgroupName?: string;
  readonly ClusterIdentifier?: string;
  readonly SecretArn?: string;
}

export function targetOf(connection: Connection): Target {
  const { REDSHIFT_WORKGROUP, REDSHIFT_CLUSTER_ID, REDSHIFT_SECRET_ARN } = connection;
  return {
    Database: connection.REDSHIFT_DATABASE,
    ...(REDSHIFT_WORKGROUP === undefined ? {} : { WorkgroupName: REDSHIFT_WORKGROUP }),
    ...(REDSHIFT_CLUSTER_ID === undefined ? {} : { ClusterIdentifier: REDSHIFT_CLUSTER_ID }),
    ...(REDSHIFT_SECRET_ARN === undefined ? {} : { SecretArn: REDSHIFT_SECRET_ARN }),
  };
}

export const createClient = (connection: Connection): RedshiftDataClient =>
  new RedshiftDataClient(
    clientSettings(
      connection.AWS_REGION,
      connection.AWS_ENDPOINT_URL_REDSHIFT_DATA,
      connection.SOCKET_TIMEOUT,
    ),
  );

/** The API reports a missing target as an invalid request; here it is a wrong setting. */
export async function attemptSubmit<T>(name: string, call: () => Promise<T>): Promise<T> {
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

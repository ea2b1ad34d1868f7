/** Resolves the Redshift target, and reports a missing one as a configuration error. */
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { attempt, awsErrorName, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { Failure, retriesSoon } from '@user-behaviour/shared/failure';
import type { LoadConfiguration } from '../config.ts';
import type { Attempts } from './attempts.ts';

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

/** The target exists, but does not take statements at the moment: it is paused, resized, restarted, made. */
const unavailable =
  /not (?:in )?(?:an? |the )?available|unavailable|paus|resum|resiz|reboot|restart|modif|creating|maintenance|try again/i;

/**
 * Submits a statement. The API reports a target that is missing or unavailable as an invalid request; the
 * first is a wrong setting, the second passes. With `attempts`, a refusal that passes is tried again.
 */
export async function attemptSubmit<T>(
  name: string,
  call: () => Promise<T>,
  attempts?: Attempts,
): Promise<T> {
  for (;;) {
    try {
      return await attempt(`submit ${name}`, call);
    } catch (error) {
      const failure = error instanceof Failure ? targetFailure(error) : error;
      // The client's own retries have dealt with a lost connection.
      if (attempts === undefined || !isPassingRefusal(failure)) throw failure;
      await attempts.pauseAfter({
        reason: failure.message,
        action: failure.action,
        isConflict: false,
      });
    }
  }
}

const isPassingRefusal = (error: unknown): error is Failure =>
  error instanceof Failure && retriesSoon(error.kind) && (httpStatus(error.cause) ?? 500) < 500;

function targetFailure(failure: Failure): Failure {
  const { message, cause } = failure;
  const isAboutTarget =
    ['ValidationException', 'ResourceNotFoundException'].includes(awsErrorName(cause)) &&
    /endpoint|workgroup|cluster|database|namespace|secret/i.test(message);
  if (!isAboutTarget) return failure;
  return unavailable.test(message)
    ? new Failure('transient', message, {
        cause,
        action:
          'look at the state of the workgroup or cluster; run the day again once it is available',
      })
    : new Failure('configuration', message, {
        cause,
        action: 'correct REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER_ID, REDSHIFT_DATABASE, AWS_REGION',
      });
}

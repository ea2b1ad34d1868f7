/** Maps errors of the EMR API to failures, by the names and messages that the service sends. */
import { awsErrorName, awsFailure, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';

/** Some operations say "cluster", the older ones "job flow". */
const unknownOrTerminated =
  /cluster id .* is not valid|job ?flow id does not exist|job ?flow that is shutting down|terminated/i;
const stepLimitReached = /maximum number of (?:active|pending)/i;
const rejections = new Set(['InvalidRequestException', 'ValidationException']);

/** `action` says what was attempted, such as `add a step`. `cluster` is the id. */
export function emrFailure(action: string, cluster: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : '';
  if (rejections.has(awsErrorName(error))) {
    if (unknownOrTerminated.test(message)) return clusterGone(cluster, message, error);
    if (stepLimitReached.test(message)) {
      return new Failure(
        'transient',
        `could not ${action}: cluster ${cluster} is full: ${message}`,
        {
          cause: error,
          action: 'run the days again when the cluster is less busy',
        },
      );
    }
    return new Failure('configuration', `could not ${action}: ${message}`, { cause: error });
  }
  return awsFailure(action, error);
}

export const clusterGone = (cluster: string, reason: string, cause?: unknown): Failure =>
  new Failure('configuration', `cluster ${cluster} is gone: ${reason}`, {
    cause,
    action:
      'set EMR_CLUSTER_ID to a running cluster, or leave it unset so that the run starts a transient cluster',
  });

/** Whether the request may have been applied although the call failed: the reply was lost, not a refusal. */
export function mayHaveBeenApplied(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || status >= 500;
}

/** Whether DescribeStep failed because the cluster no longer knows the step. */
export const isUnknownStep = (error: unknown): boolean =>
  rejections.has(awsErrorName(error)) &&
  /step id .* is not valid/i.test(error instanceof Error ? error.message : '');

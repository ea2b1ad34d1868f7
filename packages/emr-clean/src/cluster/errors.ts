/** What an error of the EMR API means; names and texts as the service sends them. */
import { awsErrorName, awsFailure, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';

/** Of the operations that say cluster, and of the older ones that say job flow. */
const gone =
  /cluster id .* is not valid|job ?flow id does not exist|job ?flow that is shutting down|terminated/i;
const full = /maximum number of (?:active|pending)/i;
const rejections = new Set(['InvalidRequestException', 'ValidationException']);

/** `cluster` is its id. */
export function emrFailure(doing: string, cluster: string, error: unknown): Failure {
  const said = error instanceof Error ? error.message : '';
  if (rejections.has(awsErrorName(error))) {
    if (gone.test(said)) return clusterGone(cluster, said, error);
    if (full.test(said)) {
      return new Failure('transient', `could not ${doing}: cluster ${cluster} is full: ${said}`, {
        cause: error,
        action: 'run the days again when the cluster has less to do',
      });
    }
    return new Failure('configuration', `could not ${doing}: ${said}`, { cause: error });
  }
  return awsFailure(doing, error);
}

export const clusterGone = (cluster: string, why: string, cause?: unknown): Failure =>
  new Failure('configuration', `cluster ${cluster} is gone: ${why}`, {
    cause,
    action:
      'set EMR_CLUSTER_ID to a cluster that runs, or leave it out so that the run starts one of its own',
  });

/** Whether a call that failed so may have been carried out all the same: its answer was lost, not refused. */
export function mayHaveArrived(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || status >= 500;
}

/** Whether DescribeStep failed because the cluster does not know the step any more. */
export const isUnknownStep = (error: unknown): boolean =>
  rejections.has(awsErrorName(error)) &&
  /step id .* is not valid/i.test(error instanceof Error ? error.message : '');

/** Maps errors of the EMR API to failures, by the names and messages that the service sends. */
import { awsErrorName, awsFailure, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';

/** Some operations say "cluster", the older ones "job flow". */
const unknownOrTerminated =
  /cluster id .* is not valid|job ?flow id does not exist|job ?flow that is shutting down|terminated/i;
const stepLimitReached = /maximum number of (?:active|pending)/i;
/** Refusals that depend on the moment: rates, quotas in use, capacity of a zone. */
const passing =
  /rate exceeded|throttl|try again|temporar|insufficient(?! \w+ permissions)|capacity|limit exceeded|quota|reached the limit/i;
const rejections = new Set(['InvalidRequestException', 'ValidationException']);

/** The cluster that a call was about. */
export interface ClusterIdentity {
  readonly id: string;
  /** Started by this run, so another run starts another one. */
  readonly isTransient: boolean;
}

/** `action` says what was attempted, such as `add a step`. */
export function emrFailure(action: string, cluster: ClusterIdentity, error: unknown): Failure {
  const message = error instanceof Error ? error.message : '';
  if (rejections.has(awsErrorName(error))) {
    if (unknownOrTerminated.test(message))
      return new ClusterGone(cluster, message, { cause: error });
    if (stepLimitReached.test(message)) {
      return new Failure(
        'transient',
        `could not ${action}: cluster ${cluster.id} is full: ${message}`,
        {
          cause: error,
          action: 'run the days again when the cluster is less busy',
        },
      );
    }
    return refusal(action, error);
  }
  return awsFailure(action, error);
}

/** A request that EMR refuses: for the moment, or because of the settings in it. */
export function refusal(action: string, error: unknown): Failure {
  const failure = awsFailure(action, error);
  if (failure.kind !== 'bug') return failure;
  const kind = passing.test(failure.message) ? 'transient' : 'configuration';
  return new Failure(kind, failure.message, { cause: error });
}

/** Ends every wait for the cluster. A standing one is replaced by its owner, a transient one by the next run. */
export class ClusterGone extends Failure {
  constructor(
    { id, isTransient }: ClusterIdentity,
    reason: string,
    options: { readonly cause?: unknown; readonly isRefused?: boolean } = {},
  ) {
    const { cause, isRefused = false } = options;
    super(
      isTransient && !isRefused ? 'transient' : 'configuration',
      `cluster ${id} ${isTransient ? 'of this run ' : ''}is gone: ${reason}`,
      { cause, action: actionFor(isTransient, isRefused) },
    );
  }
}

function actionFor(isTransient: boolean, isRefused: boolean): string {
  if (!isTransient) {
    return 'set EMR_CLUSTER_ID to a running cluster, or leave it unset so that the run starts a transient cluster';
  }
  return isRefused
    ? 'correct the EMR_ variables of the transient cluster, or the roles, groups and subnets that they name'
    : 'run the days again, which starts another cluster; if it persists, see the reason in the EMR console';
}

/** Whether EMR ended a starting cluster because of its settings: another cluster would end alike. */
export const isRefusedCluster = (code: string | undefined, message: string): boolean =>
  code === 'VALIDATION_ERROR' && !passing.test(message);

/** Whether the request may have been applied although the call failed: the reply was lost, not a refusal. */
export function mayHaveBeenApplied(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || status >= 500;
}

/** Whether DescribeStep failed because the cluster no longer knows the step. */
export const isUnknownStep = (error: unknown): boolean =>
  rejections.has(awsErrorName(error)) &&
  /step id .* is not valid/i.test(error instanceof Error ? error.message : '');

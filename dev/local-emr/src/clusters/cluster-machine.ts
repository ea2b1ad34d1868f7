/** The state transitions of clusters and steps, as pure functions on records. */
import type { ProcessIdentity } from '@user-behaviour/local-cloud/process-identity';
import {
  isActive,
  isLive,
  isTerminated,
  type ClusterRecord,
  type StepOutcome,
  type StepRecord,
} from './cluster.ts';

/** EMR lists at most 1,000 steps of a cluster (EMRMG/emr-view-steps). */
const FINISHED_STEPS_KEPT = 1000;

const MANAGED_POLICIES_TAG = 'for-use-with-amazon-emr-managed-policies';

/** A reason that makes a terminated cluster one WITH_ERRORS. */
const ERRORS: readonly (string | undefined)[] = ['STEP_FAILURE', 'VALIDATION_ERROR'];

/** The steps that may start now, in the order they were added (EMRMG/emr-concurrent-steps). */
export function startable(cluster: ClusterRecord): StepRecord[] {
  if (cluster.state !== 'RUNNING') return [];
  const free = cluster.stepConcurrencyLevel - cluster.steps.filter(isLive).length;
  return cluster.steps.filter((step) => step.state === 'PENDING').slice(0, Math.max(0, free));
}

/** The one role that can still have version 1 of the managed policy: it cannot be attached to new roles. */
const ROLE_WITHOUT_TAG = /(^|\/)EMR_DefaultRole$/;

/**
 * Ends STARTING. Version 2 of the managed policy of service roles allows nothing on machines without its tag
 * (EMRMG/emr-iam-role, emr-managed-iam-policies); such a cluster does not start.
 */
export function clusterReady(cluster: ClusterRecord, now: number): ClusterRecord {
  const { serviceRole, tags } = cluster;
  const isTagged = tags.some(({ Key, Value }) => Key === MANAGED_POLICIES_TAG && Value === 'true');
  if (serviceRole !== undefined && !ROLE_WITHOUT_TAG.test(serviceRole) && !isTagged) {
    const why = `Service role ${serviceRole} has insufficient EC2 permissions: the cluster has no tag ${MANAGED_POLICIES_TAG}=true`;
    return updateState(beginTermination(cluster, 'VALIDATION_ERROR', why, now), now);
  }
  return updateState({ ...cluster, state: 'RUNNING', readyAt: now }, now);
}

export function stepStarted(cluster: ClusterRecord, id: string, now: number): ClusterRecord {
  return updateStep(cluster, id, (step) => ({ ...step, state: 'RUNNING', startedAt: now }));
}

export function stepHasProcess(
  cluster: ClusterRecord,
  id: string,
  process: ProcessIdentity,
): ClusterRecord {
  return updateStep(cluster, id, (step) => ({ ...step, process }));
}

/** Records the end of a running step. A step that completes before its cancellation takes effect counts as completed. */
export function stepEnded(
  cluster: ClusterRecord,
  id: string,
  outcome: StepOutcome,
  now: number,
): ClusterRecord {
  const before = cluster.steps.find((step) => step.id === id);
  if (before === undefined || !isLive(before)) return cluster;
  const ended = { ...before, process: undefined, endedAt: now };
  if (outcome.ok) {
    return updateState(
      updateStep(cluster, id, () => ({ ...ended, state: 'COMPLETED' })),
      now,
    );
  }
  if (before.state === 'CANCEL_PENDING') {
    return updateState(
      updateStep(cluster, id, () => ({ ...ended, state: 'CANCELLED' })),
      now,
    );
  }
  const { reason, message, logFile } = outcome;
  const failure = { reason, message, logFile };
  const failed = updateStep(cluster, id, () => ({ ...ended, state: 'FAILED', failure }));
  return updateState(afterFailure(failed, before, now), now);
}

/** API model, StepConfig.ActionOnFailure; it does not apply with several steps at once (EMRMG/emr-concurrent-steps). */
function afterFailure(cluster: ClusterRecord, step: StepRecord, now: number): ClusterRecord {
  if (cluster.stepConcurrencyLevel > 1) return cluster;
  switch (step.actionOnFailure) {
    case 'CONTINUE':
      return cluster;
    case 'CANCEL_AND_WAIT':
      return cancelPending(cluster, `step ${step.id} failed with CANCEL_AND_WAIT`, now);
    case 'TERMINATE_CLUSTER':
    case 'TERMINATE_JOB_FLOW':
      return beginTermination(cluster, 'STEP_FAILURE', 'Shut down as step failed', now);
  }
}

interface CancelInfo {
  readonly StepId: string;
  readonly Status: 'SUBMITTED' | 'FAILED';
  readonly Reason?: string;
}

/**
 * PENDING becomes CANCELLED, RUNNING becomes CANCEL_PENDING; repeating it changes nothing
 * (API model, CancelSteps; EMRMG/emr-cancel-steps).
 */
export function cancelSteps(
  cluster: ClusterRecord,
  ids: readonly string[],
  killAtOnce: boolean,
  now: number,
): { cluster: ClusterRecord; infos: CancelInfo[] } {
  const infos = ids.map((id): CancelInfo => {
    const step = cluster.steps.find((candidate) => candidate.id === id);
    if (step === undefined) {
      return { StepId: id, Status: 'FAILED', Reason: `Step id '${id}' is not valid.` };
    }
    if (isActive(step) || step.state === 'CANCELLED') return { StepId: id, Status: 'SUBMITTED' };
    return { StepId: id, Status: 'FAILED', Reason: `The step is already ${step.state}.` };
  });
  const steps = cluster.steps.map((step): StepRecord => {
    if (!ids.includes(step.id)) return step;
    if (step.state === 'PENDING') return { ...step, state: 'CANCELLED', endedAt: now };
    if (step.state === 'RUNNING') return { ...step, state: 'CANCEL_PENDING', killAtOnce };
    if (step.state === 'CANCEL_PENDING') {
      return { ...step, killAtOnce: killAtOnce || step.killAtOnce === true };
    }
    return step;
  });
  return { cluster: updateState({ ...cluster, steps }, now), infos };
}

/** "Any step not yet completed is canceled" (API model, TerminateJobFlows). */
export function terminateByUser(cluster: ClusterRecord, now: number): ClusterRecord {
  return updateState(
    beginTermination(cluster, 'USER_REQUEST', 'Terminated by user request', now),
    now,
  );
}

/** When the AutoTerminationPolicy terminates the cluster; undefined if it is busy or has no such policy. */
export function idleDeadline(cluster: ClusterRecord): number | undefined {
  const { state, idleSince, idleTimeoutSeconds } = cluster;
  if (state !== 'WAITING' || idleSince === undefined || idleTimeoutSeconds === undefined) {
    return undefined;
  }
  return idleSince + idleTimeoutSeconds * 1000;
}

/** Attaches an AutoTerminationPolicy, or removes it. The idle time counts from now. */
export function setIdleTimeout(
  cluster: ClusterRecord,
  idleTimeoutSeconds: number | undefined,
  now: number,
): ClusterRecord {
  const idleSince = cluster.idleSince === undefined ? undefined : now;
  return { ...cluster, idleTimeoutSeconds, idleSince };
}

/** API model, AutoTerminationPolicy; the model has no separate code for it. */
export function terminateIfIdle(cluster: ClusterRecord, now: number): ClusterRecord {
  const deadline = idleDeadline(cluster);
  if (deadline === undefined || deadline > now) return cluster;
  return updateState(
    beginTermination(
      cluster,
      'ALL_STEPS_COMPLETED',
      'Terminated by the auto-termination policy',
      now,
    ),
    now,
  );
}

/** Drops the oldest finished steps and keeps `kept` of them. */
export function prune(cluster: ClusterRecord, kept = FINISHED_STEPS_KEPT): ClusterRecord {
  const finished = cluster.steps.filter((step) => !isActive(step));
  if (finished.length <= kept) return cluster;
  const dropped = new Set(finished.slice(0, finished.length - kept));
  return { ...cluster, steps: cluster.steps.filter((step) => !dropped.has(step)) };
}

/** Derives the cluster's state from its steps (EMRMG/emr-overview, cluster lifecycle). */
export function updateState(cluster: ClusterRecord, now: number): ClusterRecord {
  if (isTerminated(cluster)) return cluster;
  if (cluster.state === 'TERMINATING') {
    if (cluster.steps.some(isLive)) return cluster;
    const state = ERRORS.includes(cluster.stateCode) ? 'TERMINATED_WITH_ERRORS' : 'TERMINATED';
    return { ...cluster, state, endedAt: now };
  }
  if (cluster.state === 'STARTING' || cluster.state === 'BOOTSTRAPPING') return cluster;
  if (cluster.steps.some(isActive)) return { ...cluster, state: 'RUNNING', idleSince: undefined };
  if (cluster.keepAlive)
    return { ...cluster, state: 'WAITING', idleSince: cluster.idleSince ?? now };
  // KeepJobFlowAliveWhenNoSteps=false (API model, RunJobFlow).
  return updateState(beginTermination(cluster, 'ALL_STEPS_COMPLETED', 'Steps completed', now), now);
}

function beginTermination(
  cluster: ClusterRecord,
  stateCode: NonNullable<ClusterRecord['stateCode']>,
  stateMessage: string,
  now: number,
): ClusterRecord {
  if (isTerminated(cluster) || cluster.state === 'TERMINATING') return cluster;
  const cancelled = cancelPending(cluster, stateMessage, now);
  const steps = cancelled.steps.map((step): StepRecord =>
    step.state === 'RUNNING' ? { ...step, state: 'CANCEL_PENDING' } : step,
  );
  return { ...cancelled, steps, state: 'TERMINATING', stateCode, stateMessage };
}

function cancelPending(cluster: ClusterRecord, why: string, now: number): ClusterRecord {
  const steps = cluster.steps.map((step): StepRecord =>
    step.state === 'PENDING'
      ? { ...step, state: 'CANCELLED', stateMessage: `Cancelled: ${why}`, endedAt: now }
      : step,
  );
  return { ...cluster, steps };
}

function updateStep(
  cluster: ClusterRecord,
  id: string,
  to: (step: StepRecord) => StepRecord,
): ClusterRecord {
  return { ...cluster, steps: cluster.steps.map((step) => (step.id === id ? to(step) : step)) };
}

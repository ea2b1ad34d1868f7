/**
 * Adds a step to the cluster exactly once. AddJobFlowSteps has no idempotency token, so the step is
 * looked up by name and arguments before it is added, and again after a lost reply.
 */
import { retriesSoon } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { EmrCluster, RemoteStep } from './emr.ts';
import { ClusterGone, emrFailure, mayHaveBeenApplied } from './errors.ts';
import { folderOf, removes } from './hdfs-folders.ts';
import { judgeStep } from './step-status.ts';
import type { Step } from './steps.ts';

/** Milliseconds between two attempts, in which a step whose reply was lost can show up in ListSteps. */
const retryDelay = 5_000;
const maxAttempts = 4;

export const isSameStep = (remote: Pick<RemoteStep, 'name' | 'args'>, step: Step): boolean =>
  remote.name === step.name && JSON.stringify(remote.args) === JSON.stringify(step.args);

/**
 * The newest live step, else the newest completed one. A failed step is not found, so it is added again. So
 * is a step that wrote to a folder on HDFS which has been removed since, or may have been.
 */
export async function findStep(cluster: EmrCluster, step: Step): Promise<RemoteStep | undefined> {
  const newestFirst = await cluster.listSteps();
  const folder = folderOf(step);
  const removed = newestFirst.findIndex(
    (remote) => folder !== undefined && removes(remote, folder),
  );
  const valid = removed === -1 ? newestFirst : newestFirst.slice(0, removed);
  const same = valid.filter((remote) => isSameStep(remote, step));
  const withVerdict = (verdict: string) =>
    same.find(({ status }) => judgeStep(step, status) === verdict);
  return withVerdict('live') ?? withVerdict('completed');
}

export interface SubmitOptions {
  readonly cluster: EmrCluster;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Returns the id of the step. A call in flight is never aborted, because it may already be applied. */
export async function submitStep(
  step: Step,
  { cluster, signal, log }: SubmitOptions,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await cluster.addStep(step);
    } catch (error) {
      const failure = emrFailure(`add step ${step.name}`, cluster, error);
      if (failure instanceof ClusterGone) await explain(cluster);
      const isFinal = failure instanceof ClusterGone || !retriesSoon(failure.kind);
      if (isFinal || attempt === maxAttempts) throw failure;
      log.warn({ attempt }, failure.message);
      const find = () => findStep(cluster, step);
      const found = await findAfterError(find, mayHaveBeenApplied(error), signal);
      if (found !== undefined) return found.id;
    }
  }
}

/** Fails as the cluster says why it has ended, which the refusal of a step does not. */
async function explain(cluster: EmrCluster): Promise<void> {
  try {
    await cluster.requireAlive();
  } catch (error) {
    if (error instanceof ClusterGone) throw error;
  }
}

/**
 * Gives the service time to apply a request whose reply was lost, or to recover after a refusal.
 * If every lookup fails, it is unknown whether the step exists, so nothing may be added.
 */
async function findAfterError(
  find: () => Promise<RemoteStep | undefined>,
  mayExist: boolean,
  signal: AbortSignal,
): Promise<RemoteStep | undefined> {
  let isKnown = !mayExist;
  let lastError: unknown;
  const look = async () => {
    if (!mayExist) return undefined;
    try {
      const found = await find();
      isKnown = true;
      return found;
    } catch (error) {
      lastError = error;
      return undefined;
    }
  };
  const found = await waitFor(look, { signal, timeout: retryDelay, minPause: 250 });
  if (!isKnown) throw lastError;
  return found;
}

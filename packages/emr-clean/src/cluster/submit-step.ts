/**
 * Puts a step on the cluster once. AddJobFlowSteps has no idempotency token, so a step is looked
 * for by name and arguments before it is added, and again after an answer that was lost.
 */
import type { Log } from '@user-behaviour/shared/runner/log';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { EmrCluster, RemoteStep } from './emr.ts';
import { emrFailure, mayHaveArrived } from './errors.ts';
import { judgeStep } from './step-status.ts';
import type { Step } from './steps.ts';

/** Milliseconds that a step whose answer was lost gets to show up in ListSteps. */
const lostAnswer = 5_000;
const tries = 4;

export const isSameStep = (remote: Pick<RemoteStep, 'name' | 'args'>, step: Step): boolean =>
  remote.name === step.name && JSON.stringify(remote.args) === JSON.stringify(step.args);

/** The newest one that is live or else completed; what failed is added anew. */
export async function findStep(cluster: EmrCluster, step: Step): Promise<RemoteStep | undefined> {
  const same = (await cluster.listSteps()).filter((remote) => isSameStep(remote, step));
  const having = (verdict: string) =>
    same.find(({ status }) => judgeStep(step, status) === verdict);
  return having('live') ?? having('completed');
}

export interface AdditionOptions {
  readonly cluster: EmrCluster;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The id of the step. A call in flight is not aborted, since it may have been carried out. */
export async function addStep(
  step: Step,
  { cluster, signal, log }: AdditionOptions,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await cluster.addStep(step);
    } catch (error) {
      const failure = emrFailure(`add step ${step.name}`, cluster.id, error);
      if (failure.kind !== 'transient' || attempt === tries) throw failure;
      log.warn({ attempt }, failure.message);
      const found = await lookAgain(() => findStep(cluster, step), mayHaveArrived(error), signal);
      if (found !== undefined) return found.id;
    }
  }
}

/**
 * Gives the service time: to carry out what it may have taken, or to recover from what it refused.
 * Where not one look succeeds, nothing is known and nothing may be added.
 */
async function lookAgain(
  find: () => Promise<RemoteStep | undefined>,
  mayBeThere: boolean,
  signal: AbortSignal,
): Promise<RemoteStep | undefined> {
  let looked = !mayBeThere;
  let trouble: unknown;
  const look = async () => {
    if (!mayBeThere) return undefined;
    try {
      const found = await find();
      looked = true;
      return found;
    } catch (error) {
      trouble = error;
      return undefined;
    }
  };
  const found = await waitFor(look, { signal, limit: lostAnswer, least: 250 });
  if (!looked) throw trouble;
  return found;
}

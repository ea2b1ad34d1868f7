/** Runs steps on a cluster, polls them until they end, and cancels those that no run needs. */
import { Failure } from '@user-behaviour/shared/failure';
import { withDeadline } from '@user-behaviour/shared/deadline';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { RemoteStep } from './emr.ts';
import { ClusterGone } from './errors.ts';
import { folderOf, removes } from './hdfs-folders.ts';
import { findStep, isSameStep, submitStep, type SubmitOptions } from './submit-step.ts';
import { tellStep } from './step-names.ts';
import { judgeStep, liveStates } from './step-status.ts';
import type { Step } from './steps.ts';

export interface StepRunnerOptions extends SubmitOptions {
  /** Milliseconds that a step may take from its submission to its end. */
  readonly timeout: number;
  /** Is told of each step that the run waits for: its own, or that of an earlier attempt. */
  readonly onStep?: (step: { readonly name: string; readonly id: string }) => void;
}

/**
 * How often EMR is polled: the pause is about a twentieth of the time waited so far, but at least and
 * at most this many milliseconds.
 */
const pollPause = { minPause: 50, maxPause: 10_000 };
/** Milliseconds between two checks of the cluster itself while a step is live. */
const clusterCheckInterval = 30_000;
/** Milliseconds that cancelled steps have to end. */
const cancelTimeout = 120_000;
/** Milliseconds that EMR has to accept a cancellation; less than the job has to stop after a signal. */
const cancelRequestTimeout = 5_000;
/** Milliseconds to wait for a step that nothing depends on. On EMR it takes longer, and the next job need not wait for it. */
const lastStepTimeout = 5_000;

export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /**
   * Returns when the step is completed and fails if it ends in any other way. If the cluster already
   * has the step, live or completed, it is resumed instead of added. `prepare` runs only before the
   * step is added.
   */
  async run(step: Step, prepare?: () => Promise<void>): Promise<void> {
    const { cluster, log } = this.#options;
    const found = await findStep(cluster, step);
    if (found === undefined) await prepare?.();
    const id = found?.id ?? (await submitStep(step, this.#options));
    log.info({ step: step.name, id }, found === undefined ? 'step added' : 'step resumed');
    this.#options.onStep?.({ name: step.name, id });
    await this.#waitForCompletion(step, id);
  }

  /** Whether an earlier attempt has completed the step, and its folder on HDFS has been or will be removed since. */
  async isRemoved(step: Step): Promise<boolean> {
    const newestFirst = await this.#options.cluster.listSteps();
    const done = newestFirst.findIndex(
      (remote) => isSameStep(remote, step) && judgeStep(step, remote.status) === 'completed',
    );
    const folder = folderOf(step) ?? '';
    return newestFirst.slice(0, Math.max(done, 0)).some((one) => {
      const verdict = judgeStep({ kind: 'remove', name: one.name }, one.status);
      return removes(one, folder) && !(verdict instanceof Failure);
    });
  }

  /**
   * Adds a step on whose end nothing depends; returns how to wait for it, which takes a few seconds at most.
   * Neither throws: if the step is not added in `patience` milliseconds, or fails meanwhile, the log says so.
   */
  async addLast(step: Step, patience: number): Promise<() => Promise<void>> {
    const { cluster, log } = this.#options;
    const warn = (why: unknown) => {
      log.warn(`${step.args.slice(-1).join('')} may stay on HDFS: ${String(why)}`);
    };
    const submitted = submitStep(step, { cluster, log, signal: AbortSignal.timeout(patience) });
    submitted.catch(() => undefined);
    const timeout = () => new Failure('transient', `step ${step.name} could not be added in time`);
    try {
      const id = await withDeadline(patience, timeout, () => submitted);
      log.info({ step: step.name, id }, 'step added');
      return () => this.#waitForLast(step, id).catch(warn);
    } catch (error) {
      warn(error);
      return () => Promise.resolve();
    }
  }

  async #waitForLast(step: Step, id: string): Promise<void> {
    const { cluster, log, signal } = this.#options;
    const poll = async () => {
      const remote = await this.#tolerateTransient(() => cluster.describeStep(id));
      const verdict = remote === undefined ? 'live' : judgeStep(step, remote.status);
      return verdict === 'live' ? undefined : verdict;
    };
    const verdict = await waitFor(poll, { signal, timeout: lastStepTimeout, ...pollPause });
    if (verdict === undefined) log.info({ step: step.name, id }, 'step left to end');
    if (verdict instanceof Failure) throw verdict;
  }

  async #waitForCompletion(step: Step, firstId: string): Promise<void> {
    const { cluster, log, signal, timeout } = this.#options;
    let id = firstId;
    let state: string | undefined;
    let clusterCheckedAt = performance.now();
    const poll = async () => {
      const remote = await this.#tolerateTransient(async () => {
        if (performance.now() - clusterCheckedAt > clusterCheckInterval) {
          clusterCheckedAt = performance.now();
          log.info({ step: step.name, id }, tellStep(step.name, state));
          await cluster.requireAlive();
        }
        return (await cluster.describeStep(id)) ?? (await findStep(cluster, step)) ?? 'vanished';
      });
      if (remote === undefined) return undefined;
      if (remote === 'vanished') {
        await this.#tolerateTransient(() => cluster.requireAlive());
        throw new Failure('transient', `step ${step.name} has vanished from cluster ${cluster.id}`);
      }
      id = remote.id;
      if (remote.status.State !== state) {
        state = remote.status.State;
        log.info({ step: step.name, id }, tellStep(step.name, state));
      }
      const verdict = judgeStep(step, remote.status);
      if (verdict === 'live') return undefined;
      // Steps of a terminating cluster end as cancelled or failed; the cluster is the better reason.
      if (verdict !== 'completed') await this.#tolerateTransient(() => cluster.requireAlive());
      return verdict;
    };
    const verdict = await waitFor(poll, { signal, timeout, ...pollPause });
    if (verdict instanceof Failure) throw verdict;
    if (verdict === undefined) {
      throw new Failure(
        'transient',
        `step ${step.name} was not completed within ${String(timeout / 1_000)} s`,
        { action: 'find out what keeps the cluster busy, or raise EMR_STEP_TIMEOUT' },
      );
    }
  }

  /** Cancels the selected live steps and waits until they have ended. */
  async cancelAndWait(isSelected: (step: RemoteStep) => boolean): Promise<void> {
    const { cluster, log, signal } = this.#options;
    const ids = (await cluster.listSteps(liveStates)).filter(isSelected).map(({ id }) => id);
    if (ids.length === 0) return;
    log.warn({ steps: ids }, 'cancelling orphaned steps');
    await cluster.cancelSteps(ids);
    const poll = async () => {
      const live = await cluster.listSteps(liveStates);
      return live.some(({ id }) => ids.includes(id)) ? undefined : true;
    };
    if ((await waitFor(poll, { signal, timeout: cancelTimeout, ...pollPause })) === undefined) {
      throw new Failure(
        'transient',
        `steps ${ids.join(', ')} were cancelled but did not end within ${String(cancelTimeout / 1_000)} s`,
      );
    }
  }

  /** Cancels the selected steps when their run gives up. Returns false, and says so, if some may still be live. */
  async cancel(isSelected: (step: RemoteStep) => boolean): Promise<boolean> {
    const { cluster, log } = this.#options;
    // EMR cancels on a best-effort basis, so repeat until no step is left that it did not accept.
    const poll = async () => {
      const steps = (await cluster.listSteps(['PENDING', 'RUNNING'])).filter(isSelected);
      if (steps.length === 0) return true;
      log.warn({ steps: steps.map(({ name }) => name) }, 'cancelling steps');
      await cluster.cancelSteps(steps.map(({ id }) => id));
      return undefined;
    };
    try {
      const signal = AbortSignal.timeout(cancelRequestTimeout);
      const patience = { signal, timeout: cancelRequestTimeout, ...pollPause };
      if ((await waitFor(poll, patience)) !== undefined) return true;
      throw new Failure('transient', 'EMR did not accept it in time');
    } catch (error) {
      const next = 'the next run of these days cancels them before it starts';
      log.warn(`could not cancel the steps of this run, ${next}: ${String(error)}`);
      return false;
    }
  }

  /** Returns undefined after a transient failure, so that it does not end the wait. */
  async #tolerateTransient<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ClusterGone) throw error;
      if (!(error instanceof Failure) || error.kind !== 'transient') throw error;
      this.#options.log.warn(error.message);
      return undefined;
    }
  }
}

/** Runs steps on a cluster to their end, and ends those that nobody waits for. */
import { Failure } from '@user-behaviour/shared/failure';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { RemoteStep } from './emr.ts';
import { addStep, type AdditionOptions, findStep } from './submit-step.ts';
import { judgeStep, liveStates } from './step-status.ts';
import type { Step } from './steps.ts';

export interface StepRunnerOptions extends AdditionOptions {
  /** Milliseconds that a step may take from being added to its end. */
  readonly timeout: number;
}

/** Milliseconds between two looks at a step: a twentieth of the time it has taken, within these bounds. */
const least = 50;
const most = 10_000;
/** Milliseconds between two looks at the cluster. */
const clusterInterval = 30_000;
/** Milliseconds that cancelled steps get to end. */
const ending = 120_000;
/** Milliseconds that a cancel gets to be accepted, within the runner's grace. */
const accepting = 5_000;

export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /**
   * Takes up the step if the cluster has it, live or completed, else adds it; returns when it is
   * completed and fails at every other end. `prepare` runs only before the step is added.
   */
  async run(step: Step, prepare?: () => Promise<void>): Promise<void> {
    const { cluster, log } = this.#options;
    const found = await findStep(cluster, step);
    if (found === undefined) await prepare?.();
    const id = found?.id ?? (await addStep(step, this.#options));
    log.info({ step: step.name, id }, found === undefined ? 'step added' : 'step taken up');
    await this.#completion(step, id);
  }

  async #completion(step: Step, added: string): Promise<void> {
    const { cluster, log, signal, timeout } = this.#options;
    let id = added;
    let state: string | undefined;
    let checked = performance.now();
    const look = async () => {
      const remote = await this.#tolerate(async () => {
        if (performance.now() - checked > clusterInterval) {
          checked = performance.now();
          log.info({ step: step.name, id }, `step is still ${String(state)}`);
          await cluster.check();
        }
        return (await cluster.describeStep(id)) ?? (await findStep(cluster, step)) ?? 'vanished';
      });
      if (remote === undefined) return undefined;
      if (remote === 'vanished') {
        await this.#tolerate(() => cluster.check());
        throw new Failure('transient', `step ${step.name} has vanished from cluster ${cluster.id}`);
      }
      id = remote.id;
      if (remote.status.State !== state) {
        state = remote.status.State;
        log.info({ step: step.name, id }, `step is ${String(state)}`);
      }
      const verdict = judgeStep(step, remote.status);
      if (verdict === 'live') return undefined;
      // Steps of a cluster that goes down end as cancelled or failed; the cluster is the better reason.
      if (verdict !== 'completed') await this.#tolerate(() => cluster.check());
      return verdict;
    };
    const end = await waitFor(look, { signal, limit: timeout, least, most });
    if (end instanceof Failure) throw end;
    if (end === undefined) {
      throw new Failure(
        'transient',
        `step ${step.name} was not completed within ${String(timeout / 1_000)} s; it is cancelled`,
        { action: 'look what keeps the cluster busy, or raise EMR_STEP_TIMEOUT' },
      );
    }
  }

  /** Cancels the live steps chosen and waits until each has ended. */
  async end(chosen: (step: RemoteStep) => boolean): Promise<void> {
    const { cluster, log, signal } = this.#options;
    const ids = (await cluster.listSteps(liveStates)).filter(chosen).map(({ id }) => id);
    if (ids.length === 0) return;
    log.warn({ steps: ids }, 'cancelling steps that nobody waits for');
    await cluster.cancelSteps(ids);
    const look = async () => {
      const live = await cluster.listSteps(liveStates);
      return live.some(({ id }) => ids.includes(id)) ? undefined : true;
    };
    if ((await waitFor(look, { signal, limit: ending, least, most })) === undefined) {
      throw new Failure('transient', `steps ${ids.join(', ')} were cancelled and do not end`);
    }
  }

  /** Cancels the live steps chosen when their work is given up; false where some may go on, which is logged. */
  async abandon(chosen: (step: RemoteStep) => boolean): Promise<boolean> {
    const { cluster, log } = this.#options;
    // A cancel is best effort: again, until none is left that it did not reach.
    const look = async () => {
      const ids = (await cluster.listSteps(['PENDING', 'RUNNING'])).filter(chosen);
      if (ids.length === 0) return true;
      log.warn({ steps: ids.map(({ name }) => name) }, 'cancelling steps');
      await cluster.cancelSteps(ids.map(({ id }) => id));
      return undefined;
    };
    try {
      const signal = AbortSignal.timeout(accepting);
      return (await waitFor(look, { signal, limit: accepting, least })) ?? false;
    } catch (error) {
      log.warn(`could not cancel the steps of this run: ${String(error)}`);
      return false;
    }
  }

  /** A look that fails for the moment ends no wait. */
  async #tolerate<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'transient') throw error;
      this.#options.log.warn(error.message);
      return undefined;
    }
  }
}

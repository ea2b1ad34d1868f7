/** Starts steps, ends cancelled ones, and records how each ended. */
import type { ProcessIdentity } from '@user-behaviour/local-cloud/process-identity';
import type { ClusterRecord, StepOutcome, StepRecord } from '../clusters/cluster.ts';
import {
  clusterReady,
  idleDeadline,
  startable,
  stepEnded,
  stepHasProcess,
  stepStarted,
  terminateIfIdle,
} from '../clusters/cluster-machine.ts';
import type { Clusters } from '../clusters/clusters.ts';

/** The longest delay of a timer; a later deadline is checked again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface StepControl {
  /** Aborts when the step must end. */
  readonly signal: AbortSignal;
  /** After `signal` has aborted: whether there is no time to clean up. */
  readonly killAtOnce: () => boolean;
  /** Call as soon as the step's process has started. */
  readonly onProcess: (process: ProcessIdentity) => void;
}

/** Runs one step to its end. A failing step is an outcome; it does not reject. */
export type RunStep = (
  cluster: ClusterRecord,
  step: StepRecord,
  control: StepControl,
) => Promise<StepOutcome>;

interface Live {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export class StepRunner {
  readonly #clusters: Clusters;
  readonly #run: RunStep;
  readonly #live = new Map<string, Live>();
  #timer: NodeJS.Timeout | undefined;
  #woken = false;
  #closing = false;

  constructor(clusters: Clusters, run: RunStep) {
    this.#clusters = clusters;
    this.#run = run;
    clusters.onChange(() => {
      this.wake();
    });
  }

  /** Schedules a pass over all clusters; calls in the same tick are combined. */
  wake(): void {
    if (this.#woken || this.#closing) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      this.#runPass();
    });
  }

  /** Ends all running steps. They count as failed, as on a cluster that broke down. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    for (const { abort } of this.#live.values()) abort.abort();
    await Promise.all(Array.from(this.#live.values(), ({ done }) => done));
  }

  #runPass(): void {
    if (this.#closing) return;
    const now = Date.now();
    for (const { id, state } of this.#clusters.newestFirst()) {
      if (state === 'STARTING' || state === 'BOOTSTRAPPING') {
        this.#clusters.update(id, (cluster) => clusterReady(cluster, now));
      }
      const cluster = this.#clusters.update(id, (current) => terminateIfIdle(current, now));
      for (const step of startable(cluster)) this.#start(id, step.id);
      for (const step of cluster.steps) {
        if (step.state === 'CANCEL_PENDING') this.#live.get(step.id)?.abort.abort();
      }
    }
    this.#armIdleTimer(now);
  }

  #start(clusterId: string, stepId: string): void {
    const cluster = this.#clusters.update(clusterId, (c) => stepStarted(c, stepId, Date.now()));
    const step = cluster.steps.find(({ id }) => id === stepId);
    if (step === undefined) return;
    const abort = new AbortController();
    const current = (): StepRecord | undefined =>
      this.#clusters.get(clusterId)?.steps.find(({ id }) => id === stepId);
    const running = this.#run(cluster, step, {
      signal: abort.signal,
      killAtOnce: () => current()?.killAtOnce === true,
      onProcess: (process) => {
        this.#clusters.update(clusterId, (c) => stepHasProcess(c, stepId, process));
      },
    });
    const done = running
      .catch((error: unknown): StepOutcome => ({
        ok: false,
        reason: 'Unknown Error',
        message: error instanceof Error ? error.message : String(error),
      }))
      .then((outcome) => {
        this.#live.delete(stepId);
        const recorded = this.#closing && !outcome.ok ? STOPPED : outcome;
        this.#clusters.update(clusterId, (c) => stepEnded(c, stepId, recorded, Date.now()));
      });
    this.#live.set(stepId, { abort, done });
  }

  #armIdleTimer(now: number): void {
    clearTimeout(this.#timer);
    const deadlines = this.#clusters.newestFirst().map(idleDeadline);
    const next = Math.min(...deadlines.filter((deadline) => deadline !== undefined));
    if (next === Infinity) return;
    const wait = Math.min(Math.max(next - now, 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.wake();
    }, wait).unref();
  }
}

const STOPPED: StepOutcome = {
  ok: false,
  reason: 'The local cloud was stopped',
  message: 'The EMR endpoint of the local cloud was stopped while this step ran; submit it again.',
};

/** Starts one service, waits until it answers, and restarts it when it crashes. */
import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from './readiness.ts';
import { startProgram, type RunningProgram } from './running-program.ts';
import type { Service, ServiceState, ServiceStatus } from './service.ts';

/** One more crash within a minute, and the whole cloud stops. */
const restartLimit = 5;

export interface SupervisionOptions {
  readonly logFile: string;
  readonly pidFile: string;
  readonly onChange: () => void;
  readonly log: (line: string) => void;
  /** Called once if the service cannot be kept running. */
  readonly onFailure: (error: Error) => void;
}

export class SupervisedService {
  readonly #service: Service;
  readonly #options: SupervisionOptions;
  readonly #stopping = new AbortController();
  #crashes: number[] = [];
  #state: ServiceState = 'starting';
  #program: RunningProgram | undefined;
  #restarts = 0;

  constructor(service: Service, options: SupervisionOptions) {
    this.#service = service;
    this.#options = options;
  }

  status(): ServiceStatus {
    const { name, port } = this.#service;
    const pid = this.#program?.pid;
    const { logFile: log } = this.#options;
    return { name, state: this.#state, port, pid, restarts: this.#restarts, log };
  }

  /** Resolves once the service answers. @throws with the end of its log if it does not start. */
  async start(): Promise<void> {
    const began = performance.now();
    const program = await this.#launch().catch((error: unknown) => {
      throw new Error(`${this.#service.name} ${reasonOf(error)}`, { cause: error });
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    this.#options.log(
      `${this.#service.name} ready after ${seconds} s on port ${this.#service.port}`,
    );
    void this.#supervise(program);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#program !== undefined) {
      await this.#program.stop(this.#service.stopSignal);
      this.#options.log(`${this.#service.name} stopped`);
    }
    if (this.#state !== 'failed') this.#setState('stopped');
  }

  async #launch(): Promise<RunningProgram> {
    const { logFile, pidFile } = this.#options;
    const command = await this.#service.prepare();
    // stop() may have been called in the meantime; nothing may start after it.
    this.#stopping.signal.throwIfAborted();
    const program = startProgram(command, logFile, pidFile);
    this.#program = program;
    void program.ended.then(() => {
      if (this.#program === program) this.#program = undefined;
    });
    this.#options.onChange();
    try {
      await untilReady(this.#service, program);
      await this.#service.afterStart?.();
    } catch (error) {
      await program.stop(this.#service.stopSignal);
      throw error;
    }
    this.#setState('ready');
    return program;
  }

  async #supervise(first: RunningProgram): Promise<void> {
    let reason = await first.ended;
    while (!this.#stopping.signal.aborted) {
      const crashes = this.#countCrash();
      if (crashes > restartLimit) {
        this.#giveUp(crashes, reason);
        return;
      }
      this.#options.log(`${this.#service.name} ${reason}: restarting it`);
      this.#setState('restarting');
      reason = await this.#restart(crashes);
    }
  }

  /** Restarts the service. Returns why it ended, whether or not it became ready. */
  async #restart(crashes: number): Promise<string> {
    try {
      // The first restart is immediate; later ones give the remains of a crash time to end.
      await delay(250 * (crashes - 1), undefined, { signal: this.#stopping.signal });
      const program = await this.#launch();
      this.#restarts += 1;
      this.#options.log(`${this.#service.name} ready again on port ${this.#service.port}`);
      this.#options.onChange();
      return await program.ended;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #countCrash(): number {
    const now = performance.now();
    this.#crashes = [...this.#crashes.filter((then) => now - then < 60_000), now];
    return this.#crashes.length;
  }

  #giveUp(crashes: number, reason: string): void {
    const { name } = this.#service;
    this.#setState('failed');
    this.#options.onFailure(
      new Error(
        `${name} ended ${crashes} times within a minute (the last time it ${reason}); see ${this.#options.logFile}`,
      ),
    );
  }

  #setState(state: ServiceState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Keeps one part alive: starts it, waits until it answers, starts it again when it ends by itself. */
import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from './readiness.ts';
import { startProgram, type RunningProgram } from './running-program.ts';
import type { Part, PartState, PartStatus } from './service.ts';

/** One more crash than this within a minute ends the lot. */
const restartLimit = 5;

export interface PartSurroundings {
  readonly logFile: string;
  readonly pidFile: string;
  readonly onChange: () => void;
  readonly log: (line: string) => void;
  /** Called once, when the part cannot be kept alive. */
  readonly onFailure: (error: Error) => void;
}

export class KeptPart {
  readonly #part: Part;
  readonly #around: PartSurroundings;
  readonly #stopping = new AbortController();
  #crashes: number[] = [];
  #state: PartState = 'starting';
  #program: RunningProgram | undefined;
  #restarts = 0;

  constructor(part: Part, around: PartSurroundings) {
    this.#part = part;
    this.#around = around;
  }

  status(): PartStatus {
    const { name, port } = this.#part;
    const pid = this.#program?.pid;
    const { logFile: log } = this.#around;
    return { name, state: this.#state, port, pid, restarts: this.#restarts, log };
  }

  /** Resolves once the part answers. @throws with the end of its log when it does not come up. */
  async start(): Promise<void> {
    const began = performance.now();
    const program = await this.#launch().catch((error: unknown) => {
      throw new Error(`${this.#part.name} ${reasonOf(error)}`, { cause: error });
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    this.#around.log(`${this.#part.name} ready after ${seconds} s on port ${this.#part.port}`);
    void this.#keep(program);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#program !== undefined) {
      await this.#program.stop(this.#part.stopSignal);
      this.#around.log(`${this.#part.name} stopped`);
    }
    if (this.#state !== 'failed') this.#become('stopped');
  }

  async #launch(): Promise<RunningProgram> {
    const { logFile, pidFile } = this.#around;
    const command = await this.#part.prepare();
    // A stop may have come meanwhile; nothing must start after it.
    this.#stopping.signal.throwIfAborted();
    const program = startProgram(command, logFile, pidFile);
    this.#program = program;
    void program.ended.then(() => {
      if (this.#program === program) this.#program = undefined;
    });
    this.#around.onChange();
    try {
      await untilReady(this.#part, program);
      await this.#part.afterStart?.();
    } catch (error) {
      await program.stop(this.#part.stopSignal);
      throw error;
    }
    this.#become('ready');
    return program;
  }

  async #keep(first: RunningProgram): Promise<void> {
    let reason = await first.ended;
    while (!this.#stopping.signal.aborted) {
      const crashes = this.#countCrash();
      if (crashes > restartLimit) {
        this.#giveUp(crashes, reason);
        return;
      }
      this.#around.log(`${this.#part.name} ${reason}: starting it again`);
      this.#become('restarting');
      reason = await this.#restart(crashes);
    }
  }

  /** Starts it once more and returns why it ended, before or after it was ready. */
  async #restart(crashes: number): Promise<string> {
    try {
      // The first at once; later ones leave what a crash left behind time to end.
      await delay(250 * (crashes - 1), undefined, { signal: this.#stopping.signal });
      const program = await this.#launch();
      this.#restarts += 1;
      this.#around.log(`${this.#part.name} ready again on port ${this.#part.port}`);
      this.#around.onChange();
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
    const { name } = this.#part;
    this.#become('failed');
    this.#around.onFailure(
      new Error(
        `${name} ended ${crashes} times within a minute, the last time it ${reason}; see ${this.#around.logFile}`,
      ),
    );
  }

  #become(state: PartState): void {
    this.#state = state;
    this.#around.onChange();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

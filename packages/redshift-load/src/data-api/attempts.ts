/** How often a submission is tried, and how long it pauses in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';

/** A conflict is over as soon as the other transaction is. */
const ofConflict = { most: 8, pause: 250 };
/** Milliseconds; doubles with each attempt. Other trouble needs longer, and each attempt may cost a scan. */
const ofTrouble = { most: 4, pause: 1_000 };

export interface Trouble {
  readonly isConflict: boolean;
  /** What happened to the submission, for the log; the default is that it failed. */
  readonly event?: string;
  readonly reason: string;
  readonly action: string;
}

export class Attempts {
  readonly #name: string;
  readonly #signal: AbortSignal;
  readonly #log: Log | undefined;
  #made = 0;

  constructor(name: string, signal: AbortSignal, log: Log | undefined) {
    this.#name = name;
    this.#signal = signal;
    this.#log = log;
  }

  /** Pauses with jitter before the next attempt. @throws a transient failure after the last one. */
  async pauseAfter({ isConflict, event, reason, action }: Trouble): Promise<void> {
    const { most, pause } = isConflict ? ofConflict : ofTrouble;
    this.#made += 1;
    if (this.#made >= most) {
      throw new Failure(
        'transient',
        `${this.#name} was given up after ${String(this.#made)} attempts: ${reason}`,
        { action },
      );
    }
    this.#log?.warn(
      { attempt: this.#made },
      `${this.#name} ${event ?? `failed: ${reason}`}; trying again`,
    );
    await sleep(Math.random() * pause * 2 ** this.#made, undefined, { signal: this.#signal });
  }
}

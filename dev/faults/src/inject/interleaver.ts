/**
 * Lets the calls of several processes proceed one at a time, in an order that a seed decides. That provokes
 * races, and a race that went wrong can be repeated.
 */
import type { Gate } from './controls.ts';
import { createRandom, type Random } from '@user-behaviour/sample/random';

interface Held {
  readonly process: string;
  readonly name: string;
  readonly go: () => void;
}

/** Milliseconds without an event after which the missing processes count as waiting for something else. */
const grace = 150;

export class Interleaver {
  readonly #random: Random;
  readonly #live: Set<string>;
  #held: Held[] = [];
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The calls in their order, for the message of a failed test. */
  readonly order: string[] = [];

  constructor(seed: number, processes: readonly string[]) {
    this.#random = createRandom(seed, 'calls');
    this.#live = new Set(processes);
  }

  gate(process: string): Gate {
    return (name) =>
      new Promise((resolve) => {
        const go = () => {
          this.#inFlight += 1;
          let ended = false;
          resolve(() => {
            if (ended) return;
            ended = true;
            this.#inFlight -= 1;
            this.#consider();
          });
        };
        this.#held.push({ process, name, go });
        this.#consider();
      });
  }

  ended(process: string): void {
    this.#live.delete(process);
    this.#consider();
  }

  /** Releases a call when all processes wait here and no call is in flight, or else after `grace`. */
  #consider(): void {
    clearTimeout(this.#timer);
    if (this.#held.length === 0) return;
    const waiting = new Set(this.#held.map(({ process }) => process));
    const allWait = [...this.#live].every((process) => waiting.has(process));
    if (allWait && this.#inFlight === 0) this.#release();
    else {
      this.#timer = setTimeout(() => {
        this.#release();
      }, grace);
    }
  }

  #release(): void {
    // Sorted by name, so that the choice does not depend on the exact order of arrival.
    const sorted = [...this.#held].sort((a, b) => (label(a) < label(b) ? -1 : 1));
    const chosen = this.#random.pick(sorted);
    this.#held = this.#held.filter((one) => one !== chosen);
    this.order.push(label(chosen));
    chosen.go();
  }
}

const label = ({ process, name }: Held): string => `${process}: ${name}`;

/**
 * Lets one call of one of several processes go at a time, in an order that a seed decides. So races
 * happen on purpose, and a race that went wrong can be had again.
 */
import type { Gate } from './controls.ts';
import { createRandom, type Random } from '@user-behaviour/sample/random';

interface Held {
  readonly process: string;
  readonly name: string;
  readonly go: () => void;
}

/** Milliseconds without any event after which a process counts as waiting for something else. */
const grace = 150;

export class Interleaver {
  readonly #random: Random;
  readonly #live: Set<string>;
  #held: Held[] = [];
  #flying = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What went when: to be read when the end was wrong. */
  readonly order: string[] = [];

  constructor(seed: number, processes: readonly string[]) {
    this.#random = createRandom(seed, 'calls');
    this.#live = new Set(processes);
  }

  gate(process: string): Gate {
    return (name) =>
      new Promise((resolve) => {
        const go = () => {
          this.#flying += 1;
          let over = false;
          resolve(() => {
            if (over) return;
            over = true;
            this.#flying -= 1;
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

  /** All who live wait here, and nothing is under way: the choice is free. Else time decides. */
  #consider(): void {
    clearTimeout(this.#timer);
    if (this.#held.length === 0) return;
    const waiting = new Set(this.#held.map(({ process }) => process));
    const allHere = [...this.#live].every((process) => waiting.has(process));
    if (allHere && this.#flying === 0) this.#release();
    else {
      this.#timer = setTimeout(() => {
        this.#release();
      }, grace);
    }
  }

  #release(): void {
    // By name, so that the choice does not depend on who came first by a hair.
    const sorted = [...this.#held].sort((a, b) => (label(a) < label(b) ? -1 : 1));
    const chosen = this.#random.pick(sorted);
    this.#held = this.#held.filter((one) => one !== chosen);
    this.order.push(label(chosen));
    chosen.go();
  }
}

const label = ({ process, name }: Held): string => `${process}: ${name}`;

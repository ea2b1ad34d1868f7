/** What one process has asked of the servers, call by call; and the fault that waits for one of them. */
import type { Effect } from './effect-name.ts';
import { type Fault, type Injection, timesOf } from './fault.ts';

/** A call on its way: its name with its number, and what shall happen to it. */
export interface Call {
  readonly name: string;
  readonly fault: Fault | undefined;
  /** Only the answer tells whether this is a poll's last one; its fault waits for that. */
  readonly last: { readonly name: string; readonly fault: Fault | undefined } | undefined;
}

export class EffectBook {
  readonly #arrived = new Map<string, number>();
  readonly #named = new Set<string>();
  readonly #injection: Injection | undefined;
  #left: number;
  /** How often the fault was met. */
  met = 0;

  constructor(injection?: Injection) {
    this.#injection = injection;
    this.#left = injection === undefined ? 0 : timesOf(injection.fault);
  }

  /** Every name met so far, in the order in which each was met first. */
  get names(): readonly string[] {
    return [...this.#named];
  }

  arrive({ name, poll }: Effect): Call {
    const number = (this.#arrived.get(name) ?? 0) + 1;
    this.#arrived.set(name, number);
    if (!poll) {
      const full = number === 1 ? name : `${name} #${String(number)}`;
      this.#named.add(full);
      // Its repetitions have numbers of their own, but they are the same call.
      const again = this.met > 0 && this.#injection?.effect.split(' #')[0] === name;
      return {
        name: full,
        fault: this.#take(again ? this.#injection.effect : full),
        last: undefined,
      };
    }
    const first = `${name} (first)`;
    if (number === 1) this.#named.add(first);
    const again = this.met > 0 && this.#injection?.effect === first;
    const fault = number === 1 || again ? this.#take(first) : undefined;
    const last = `${name} (last)`;
    const waits = this.#left > 0 && this.#injection?.effect === last;
    return {
      name: first,
      fault,
      last: { name: last, fault: waits ? this.#injection.fault : undefined },
    };
  }

  /** A poll's answer told the end. */
  ended({ last }: Call): Fault | undefined {
    if (last === undefined) return undefined;
    this.#named.add(last.name);
    return this.#take(last.name);
  }

  #take(name: string): Fault | undefined {
    if (this.#left === 0 || this.#injection?.effect !== name) return undefined;
    this.#left -= 1;
    this.met += 1;
    return this.#injection.fault;
  }
}

/** What one process after another has asked of the servers, call by call; and the faults that wait for some of them. */
import type { Effect } from './effect-name.ts';
import { type Fault, type Injection, timesOf } from './fault.ts';

/** A call on its way: its name with its number, and what shall happen to it. */
export interface Call {
  readonly name: string;
  readonly fault: Fault | undefined;
  /** What only the answer can tell: that this is a poll's last call. */
  readonly last: string | undefined;
}

interface Waiting extends Injection {
  /** How often it is still to be met; it began at `timesOf`. */
  left: number;
}

const isUntouched = ({ left, fault }: Waiting): boolean => left === timesOf(fault);

export class FaultSchedule {
  readonly #arrived = new Map<string, number>();
  readonly #named = new Set<string>();
  readonly #waiting: readonly Waiting[];

  /** Several faults at one effect are met in their order, one call each. */
  constructor(injections: readonly Injection[] = []) {
    this.#waiting = injections.map(({ effect, fault }) => ({
      effect,
      fault,
      left: timesOf(fault),
    }));
  }

  /** Every name met so far, in the order in which each was met first. */
  get names(): readonly string[] {
    return [...this.#named];
  }

  /** Faults that no call has met yet. */
  get unmet(): readonly Injection[] {
    return this.#waiting.filter(isUntouched).map(({ effect, fault }) => ({ effect, fault }));
  }

  /** The next process begins to count anew. */
  restart(): void {
    this.#arrived.clear();
  }

  arrive({ name, poll }: Effect): Call {
    const number = (this.#arrived.get(name) ?? 0) + 1;
    this.#arrived.set(name, number);
    if (poll) {
      const first = `${name} (first)`;
      if (number === 1) this.#named.add(first);
      const fault = number === 1 ? this.#take(first) : this.#goOn(name);
      return { name: first, fault, last: `${name} (last)` };
    }
    const full = number === 1 ? name : `${name} #${number}`;
    this.#named.add(full);
    return { name: full, fault: this.#goOn(name) ?? this.#take(full), last: undefined };
  }

  /** A poll's answer told the end. */
  ended({ last }: Call): Fault | undefined {
    if (last === undefined) return undefined;
    this.#named.add(last);
    return this.#take(last);
  }

  /** The client repeats a call that fails several times in a row: the same call, whatever its number. */
  #goOn(name: string): Fault | undefined {
    const under = this.#waiting.find(
      (one) =>
        one.left > 0 && !isUntouched(one) && one.effect.replace(/ (#\d+|\(\w+\))$/, '') === name,
    );
    if (under === undefined) return undefined;
    under.left -= 1;
    return under.fault;
  }

  #take(name: string): Fault | undefined {
    const found = this.#waiting.find((one) => one.left > 0 && one.effect === name);
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}

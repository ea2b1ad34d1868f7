/** Counts the calls of one process after another, and says which of them meets a fault. */
import type { Effect } from './effect-name.ts';
import { type Fault, type Injection, repetitionsOf } from './fault.ts';

/** A call with its number in its name, and the fault to inject. */
export interface Call {
  readonly name: string;
  readonly fault: Fault | undefined;
  /** The effect to use if the reply shows that this is a poll's last call. */
  readonly last: string | undefined;
}

interface Pending extends Injection {
  /** How many times it is still to be injected; starts at `repetitionsOf`. */
  left: number;
}

const isUntouched = ({ left, fault }: Pending): boolean => left === repetitionsOf(fault);

export class FaultSchedule {
  readonly #arrived = new Map<string, number>();
  readonly #named = new Set<string>();
  readonly #pending: readonly Pending[];

  /** Several faults at one effect are injected in their order, one per call. */
  constructor(injections: readonly Injection[] = []) {
    this.#pending = injections.map(({ effect, fault }) => ({
      effect,
      fault,
      left: repetitionsOf(fault),
    }));
  }

  /** The names of all calls so far, in order of their first occurrence. */
  get names(): readonly string[] {
    return [...this.#named];
  }

  /** The faults that have not been injected. */
  get unmet(): readonly Injection[] {
    return this.#pending.filter(isUntouched).map(({ effect, fault }) => ({ effect, fault }));
  }

  /** Starts the counting again for the next process. */
  restart(): void {
    this.#arrived.clear();
  }

  arrive({ name, poll }: Effect): Call {
    const number = (this.#arrived.get(name) ?? 0) + 1;
    this.#arrived.set(name, number);
    if (poll) {
      const first = `${name} (first)`;
      if (number === 1) this.#named.add(first);
      const fault = number === 1 ? this.#take(first) : this.#takeRepetition(name);
      return { name: first, fault, last: `${name} (last)` };
    }
    const full = number === 1 ? name : `${name} #${number}`;
    this.#named.add(full);
    return { name: full, fault: this.#takeRepetition(name) ?? this.#take(full), last: undefined };
  }

  /** Called when a poll's reply reports the end. */
  ended({ last }: Call): Fault | undefined {
    if (last === undefined) return undefined;
    this.#named.add(last);
    return this.#take(last);
  }

  /** The client repeats a call that fails several times in a row: it counts as the same call. */
  #takeRepetition(name: string): Fault | undefined {
    const under = this.#pending.find(
      (one) =>
        one.left > 0 && !isUntouched(one) && one.effect.replace(/ (#\d+|\(\w+\))$/, '') === name,
    );
    if (under === undefined) return undefined;
    under.left -= 1;
    return under.fault;
  }

  #take(name: string): Fault | undefined {
    const found = this.#pending.find((one) => one.left > 0 && one.effect === name);
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}

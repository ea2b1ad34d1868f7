/** Calls that reach the server only after the client has given up and retried. */
interface LateCall {
  readonly name: string;
  /** Resolves when the client has given up. */
  readonly givenUp: Promise<void>;
  readonly forward: () => Promise<unknown>;
}

export class LateCalls {
  #held: readonly LateCall[] = [];

  hold(call: LateCall): void {
    this.#held = [...this.#held, call];
  }

  /** Forwards the held calls of this name, whose retry has been answered; without a name, all of them. */
  async release(name?: string): Promise<void> {
    const now = this.#held.filter((one) => name === undefined || one.name === name);
    this.#held = this.#held.filter((one) => !now.includes(one));
    for (const { givenUp, forward } of now) {
      await givenUp;
      await forward();
    }
  }
}

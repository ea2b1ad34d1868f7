/** Calls that reach their server only after their client has given them up and asked again. */
interface LateCall {
  readonly name: string;
  /** Resolves when the client has given it up. */
  readonly givenUp: Promise<void>;
  readonly forward: () => Promise<unknown>;
}

export class LateCalls {
  #held: readonly LateCall[] = [];

  hold(call: LateCall): void {
    this.#held = [...this.#held, call];
  }

  /** A call of that name has been answered; without a name: nobody will ask again. */
  async release(name?: string): Promise<void> {
    const now = this.#held.filter((one) => name === undefined || one.name === name);
    this.#held = this.#held.filter((one) => !now.includes(one));
    for (const { givenUp, forward } of now) {
      await givenUp;
      await forward();
    }
  }
}

/** Opens something at its first use, once for all callers. */

/** Caches the first call's result. A failure is not cached: the next call tries again. */
export function lazily<T, A extends readonly unknown[]>(
  open: (...given: A) => Promise<T>,
): (...given: A) => Promise<T> {
  let opened: Promise<T> | undefined;
  return (...given) =>
    (opened ??= open(...given).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
}

/** A resource that is opened at its first use, and closed if it was opened. */
export class Lazy<T extends AsyncDisposable> implements AsyncDisposable {
  #opened: Promise<T> | undefined;
  /** Opens the resource, or returns the open one. */
  readonly get: () => Promise<T>;

  constructor(open: () => Promise<T>) {
    this.get = lazily(() => {
      this.#opened = open();
      return this.#opened;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}

/** What is opened at its first use, and once for all who use it. */

/** The result of the first call, for every caller. A failed call is not kept: the next caller tries again. */
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

/** A resource that is opened at its first use and closed only if it was opened. */
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

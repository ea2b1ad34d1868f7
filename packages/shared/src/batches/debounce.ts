/** Collects items as they become ready and yields them in batches. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds without a new item after which a batch is yielded even if items are pending. */
const quiet = 1_000;

/**
 * Yields every defined value once, in batches that are never empty. Items that become ready while the
 * caller processes a batch form the next one. The promises must not reject.
 */
export async function* debouncedBatches<T>(
  pending: readonly Promise<T | undefined>[],
): AsyncGenerator<readonly T[], void> {
  let batch: T[] = [];
  let open = pending.length;
  let arrival = Promise.withResolvers<'arrival'>();
  for (const promise of pending) {
    void promise.then((value) => {
      if (value !== undefined) batch.push(value);
      open -= 1;
      arrival.resolve('arrival');
      arrival = Promise.withResolvers();
    });
  }
  for (;;) {
    while (open > 0) {
      const news: Promise<unknown> = arrival.promise;
      if (batch.length === 0) await news;
      else if ((await Promise.race([news, sleep(quiet, 'quiet')])) === 'quiet') break;
    }
    if (batch.length === 0) return;
    const ready = batch;
    batch = [];
    yield ready;
  }
}

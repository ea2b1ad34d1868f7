/** Collects items as they become ready and yields them in batches. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds without a new item after which the batch is yielded. */
const quietPeriod = 1_000;

/**
 * Yields each defined value once, and no empty batch. Items that become ready while the consumer
 * works on one batch make up the next. The promises must not reject.
 */
export async function* debouncedBatches<T>(
  pending: readonly Promise<T | undefined>[],
): AsyncGenerator<readonly T[], void> {
  let batch: T[] = [];
  let unsettled = pending.length;
  let nextSettled = Promise.withResolvers<'settled'>();
  for (const promise of pending) {
    void promise.then((value) => {
      if (value !== undefined) batch.push(value);
      unsettled -= 1;
      nextSettled.resolve('settled');
      nextSettled = Promise.withResolvers();
    });
  }
  for (;;) {
    while (unsettled > 0) {
      const settled: Promise<unknown> = nextSettled.promise;
      if (batch.length === 0) await settled;
      else if ((await Promise.race([settled, sleep(quietPeriod, 'quiet')])) === 'quiet') break;
    }
    if (batch.length === 0) return;
    const ready = batch;
    batch = [];
    yield ready;
  }
}

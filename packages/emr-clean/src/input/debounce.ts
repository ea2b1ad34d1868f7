/** What becomes ready bit by bit is worked on in heaps: what comes while one is under way makes up the next. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds without a newcomer after which a heap is not kept waiting. */
const quiet = 1_000;

/** Yields every defined value once, none of the heaps empty. The promises must not reject. */
export async function* heaps<T>(
  pending: readonly Promise<T | undefined>[],
): AsyncGenerator<readonly T[], void> {
  let heap: T[] = [];
  let open = pending.length;
  let arrival = Promise.withResolvers<'arrival'>();
  for (const promise of pending) {
    void promise.then((value) => {
      if (value !== undefined) heap.push(value);
      open -= 1;
      arrival.resolve('arrival');
      arrival = Promise.withResolvers();
    });
  }
  for (;;) {
    while (open > 0) {
      const news: Promise<unknown> = arrival.promise;
      if (heap.length === 0) await news;
      else if ((await Promise.race([news, sleep(quiet, 'quiet')])) === 'quiet') break;
    }
    if (heap.length === 0) return;
    const ready = heap;
    heap = [];
    yield ready;
  }
}

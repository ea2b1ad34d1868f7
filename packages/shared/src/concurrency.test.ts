import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently, Semaphore } from './concurrency.ts';

describe('mapConcurrently', () => {
  it('processes each item once within the limit and returns the results in order', async () => {
    let open = 0;
    let peak = 0;
    const results = await mapConcurrently(3, [5, 1, 4, 2, 3], async (ticks) => {
      open += 1;
      peak = Math.max(peak, open);
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      open -= 1;
      return ticks * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(peak).toBe(3);
    expect(await mapConcurrently(3, [], () => Promise.resolve(1))).toEqual([]);
  });

  it('starts no item after a failure and waits for those in progress', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const gate = Promise.withResolvers<undefined>();
    const all = mapConcurrently(2, [1, 2, 3], async (item) => {
      started.push(item);
      if (item === 1) {
        setImmediate(() => {
          gate.resolve(undefined);
        });
        throw new Error('no luck');
      }
      await gate.promise;
      ended.push(item);
    });
    await expect(all).rejects.toThrow('no luck');
    expect(started).toEqual([1, 2]);
    expect(ended).toEqual([2]);
  });
});

describe('Semaphore', () => {
  it('runs as many as it has permits, and the next one when one succeeds or fails', async () => {
    const semaphore = new Semaphore(2);
    const work = Array.from({ length: 4 }, () => Promise.withResolvers<undefined>());
    const started: number[] = [];
    const ends = work.map(({ promise }, index) =>
      semaphore
        .run(() => {
          started.push(index);
          return promise;
        })
        .catch(() => 'failed'),
    );
    await turn();
    expect(started).toEqual([0, 1]);
    work[1]?.reject(new Error('no'));
    await turn();
    expect(started).toEqual([0, 1, 2]);
    for (const { resolve } of work) resolve(undefined);
    expect(await Promise.all(ends)).toEqual([undefined, 'failed', undefined, undefined]);
    expect(started).toEqual([0, 1, 2, 3]);
  });
});

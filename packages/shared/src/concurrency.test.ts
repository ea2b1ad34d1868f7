import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently, Semaphore } from './concurrency.ts';

describe('mapConcurrently', () => {
  it('works on each item once, keeps the limit, and returns the results in order', async () => {
    let open = 0;
    let most = 0;
    const results = await mapConcurrently(3, [5, 1, 4, 2, 3], async (ticks) => {
      open += 1;
      most = Math.max(most, open);
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      open -= 1;
      return ticks * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(3);
    expect(await mapConcurrently(3, [], () => Promise.resolve(1))).toEqual([]);
  });

  it('begins nothing after a failure, and ends when what was under way has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const gate = Promise.withResolvers<undefined>();
    const all = mapConcurrently(2, [1, 2, 3], async (item) => {
      begun.push(item);
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
    expect(begun).toEqual([1, 2]);
    expect(ended).toEqual([2]);
  });
});

describe('a semaphore', () => {
  it('runs as many as it has permits, in order, and the next when one ends or fails', async () => {
    const semaphore = new Semaphore(2);
    const works = Array.from({ length: 4 }, () => Promise.withResolvers<undefined>());
    const begun: number[] = [];
    const ends = works.map(({ promise }, index) =>
      semaphore
        .run(() => {
          begun.push(index);
          return promise;
        })
        .catch(() => 'failed'),
    );
    await turn();
    expect(begun).toEqual([0, 1]);
    works[1]?.reject(new Error('no'));
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    for (const { resolve } of works) resolve(undefined);
    expect(await Promise.all(ends)).toEqual([undefined, 'failed', undefined, undefined]);
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});

import { describe, expect, it } from 'vitest';
import { concurrently } from './concurrency.ts';

describe('concurrently', () => {
  it('does each item once, at most so many at a time', async () => {
    const done: number[] = [];
    let open = 0;
    let most = 0;
    await concurrently(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      open -= 1;
      done.push(item);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('begins nothing after a failure, and ends when what was under way has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const gate = Promise.withResolvers<undefined>();
    const all = concurrently(2, [1, 2, 3], async (item) => {
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

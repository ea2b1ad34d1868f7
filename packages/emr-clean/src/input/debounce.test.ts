import { describe, expect, it } from 'vitest';
import { debouncedBatches } from './debounce.ts';

describe('debouncedBatches', () => {
  it('yields the ready items together and skips undefined ones', async () => {
    const found = await Array.fromAsync(
      debouncedBatches([Promise.resolve(1), Promise.resolve(undefined), Promise.resolve(3)]),
    );
    expect(found).toEqual([[1, 3]]);
  });

  it('yields nothing if no item becomes ready', async () => {
    expect(await Array.fromAsync(debouncedBatches([Promise.resolve(undefined)]))).toEqual([]);
    expect(await Array.fromAsync(debouncedBatches([]))).toEqual([]);
  });

  it('does not delay ready items for a late one', async () => {
    const late = Promise.withResolvers<number>();
    const later = Promise.withResolvers<number>();
    const all = debouncedBatches([Promise.resolve(1), late.promise, later.promise]);
    expect(await all.next()).toEqual({ done: false, value: [1] });
    // Both become ready while the consumer works on the first batch, so they share the next.
    late.resolve(2);
    later.resolve(3);
    expect(await all.next()).toEqual({ done: false, value: [2, 3] });
    expect(await all.next()).toEqual({ done: true, value: undefined });
  });
});

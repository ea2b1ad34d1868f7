import { describe, expect, it } from 'vitest';
import { debouncedBatches } from './debounce.ts';

describe('debounced batches', () => {
  it('yields what is ready together, without what is settled', async () => {
    const found = await Array.fromAsync(
      debouncedBatches([Promise.resolve(1), Promise.resolve(undefined), Promise.resolve(3)]),
    );
    expect(found).toEqual([[1, 3]]);
  });

  it('yields nothing when nothing becomes ready', async () => {
    expect(await Array.fromAsync(debouncedBatches([Promise.resolve(undefined)]))).toEqual([]);
    expect(await Array.fromAsync(debouncedBatches([]))).toEqual([]);
  });

  it('does not keep what is ready waiting for what is late', async () => {
    const late = Promise.withResolvers<number>();
    const later = Promise.withResolvers<number>();
    const all = debouncedBatches([Promise.resolve(1), late.promise, later.promise]);
    expect(await all.next()).toEqual({ done: false, value: [1] });
    // Both come while the first batch is worked on, and go together.
    late.resolve(2);
    later.resolve(3);
    expect(await all.next()).toEqual({ done: false, value: [2, 3] });
    expect(await all.next()).toEqual({ done: true, value: undefined });
  });
});

import { describe, expect, it } from 'vitest';
import { debouncedBatches } from './debounce.ts';

describe('debouncedBatches', () => {
  it('yields items that are ready in one batch, without undefined', async () => {
    const found = await Array.fromAsync(
      debouncedBatches([Promise.resolve(1), Promise.resolve(undefined), Promise.resolve(3)]),
    );
    expect(found).toEqual([[1, 3]]);
  });

  it('yields nothing if no item is defined', async () => {
    expect(await Array.fromAsync(debouncedBatches([Promise.resolve(undefined)]))).toEqual([]);
    expect(await Array.fromAsync(debouncedBatches([]))).toEqual([]);
  });

  it('yields ready items without waiting for late ones', async () => {
    const late = Promise.withResolvers<number>();
    const later = Promise.withResolvers<number>();
    const all = debouncedBatches([Promise.resolve(1), late.promise, later.promise]);
    expect(await all.next()).toEqual({ done: false, value: [1] });
    // Both arrive while the first batch is processed.
    late.resolve(2);
    later.resolve(3);
    expect(await all.next()).toEqual({ done: false, value: [2, 3] });
    expect(await all.next()).toEqual({ done: true, value: undefined });
  });
});

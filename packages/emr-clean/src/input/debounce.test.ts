import { describe, expect, it } from 'vitest';
import { heaps } from './debounce.ts';

describe('heaps', () => {
  it('yields what is ready together, without what is settled', async () => {
    const found = await Array.fromAsync(
      heaps([Promise.resolve(1), Promise.resolve(undefined), Promise.resolve(3)]),
    );
    expect(found).toEqual([[1, 3]]);
  });

  it('yields nothing when nothing becomes ready', async () => {
    expect(await Array.fromAsync(heaps([Promise.resolve(undefined)]))).toEqual([]);
    expect(await Array.fromAsync(heaps([]))).toEqual([]);
  });

  it('does not keep what is ready waiting for what is late', async () => {
    const late = Promise.withResolvers<number>();
    const later = Promise.withResolvers<number>();
    const all = heaps([Promise.resolve(1), late.promise, later.promise]);
    expect(await all.next()).toEqual({ done: false, value: [1] });
    // Both come while the first heap is worked on, and go together.
    late.resolve(2);
    later.resolve(3);
    expect(await all.next()).toEqual({ done: false, value: [2, 3] });
    expect(await all.next()).toEqual({ done: true, value: undefined });
  });
});

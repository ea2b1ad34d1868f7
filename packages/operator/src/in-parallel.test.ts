import { describe, expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

describe('work in parallel', () => {
  it('keeps the order of the results and the limit', async () => {
    let now = 0;
    let most = 0;
    const results = await inParallel(3, [5, 1, 4, 2, 3], async (ticks) => {
      now += 1;
      most = Math.max(most, now);
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      now -= 1;
      return ticks * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(3);
    expect(await inParallel(3, [], () => Promise.resolve(1))).toEqual([]);
  });

  it('passes a failure on', async () => {
    const work = (item: number) =>
      item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item);
    await expect(inParallel(2, [1, 2, 3], work)).rejects.toThrow('two');
  });
});

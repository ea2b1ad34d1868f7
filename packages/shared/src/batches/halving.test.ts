import { describe, expect, it } from 'vitest';
import { attemptInHalves, mostFailures, type Suspect } from './halving.ts';

const days = Array.from({ length: 500 }, (_, day) => day);

/** Tries the days; an application with a bad day fails, and every one does if the cluster is down. */
async function clean(
  bad: readonly number[],
  suspect: Suspect = 'day or service',
  { all = days, isDown = false } = {},
) {
  const attempts: (readonly number[])[] = [];
  const failed: number[] = [];
  const done: number[] = [];
  await attemptInHalves(all, {
    attempt: (group) => {
      attempts.push(group);
      if (isDown || bad.some((day) => group.includes(day))) throw new Error('no');
      done.push(...group);
      return Promise.resolve();
    },
    suspectOf: () => suspect,
    onRetry: () => undefined,
    fail: (group) => {
      failed.push(...group);
      return Promise.resolve();
    },
  });
  expect([...done, ...failed].toSorted((a, b) => a - b)).toEqual(all);
  return { attempts: attempts.length, failed: failed.toSorted((a, b) => a - b) };
}

describe('five hundred days of which some fail without a verdict', () => {
  it.each([[0], [7], [250], [499]])('fail alone if one is bad: %i', async (day) => {
    const { attempts, failed } = await clean([day]);
    expect(failed).toEqual([day]);
    expect(attempts).toBeLessThan(2 * Math.log2(days.length) + 3);
  });

  it.each([[[0, 499]], [[0, 1]], [[3, 260, 261]], [[100, 200, 300]], [[0, 130, 260]]])(
    'fail alone if few are bad: %j',
    async (bad) => {
      expect((await clean(bad)).failed).toEqual(bad);
    },
  );

  it('are tried few times if the cluster is down', async () => {
    expect(await clean([], 'day or service', { isDown: true })).toEqual({
      attempts: mostFailures,
      failed: days,
    });
    expect(await clean([], 'service', { isDown: true })).toEqual({ attempts: 1, failed: days });
  });

  it('all fail if most of them are bad, always the same ones', async () => {
    const odd = days.filter((day) => day % 2 === 1);
    const first = await clean(odd);
    expect(first).toEqual(await clean(odd));
    expect(first.attempts).toBe(mostFailures);
  });

  it('are all told apart if the script itself blames them', async () => {
    const odd = days.filter((day) => day % 2 === 1);
    expect((await clean(odd, 'day')).failed).toEqual(odd);
  });
});

describe('days that a failure names', () => {
  async function attemptsWith(names: readonly number[], all: readonly number[]) {
    const attempts: (readonly number[])[] = [];
    await attemptInHalves(all, {
      attempt: (group) => {
        attempts.push(group);
        return names.some((day) => group.includes(day)) ? Promise.reject(new Error('no')) : done;
      },
      suspectOf: () => 'day',
      namedBy: (group) => group.filter((day) => names.includes(day)),
      onRetry: () => undefined,
      fail: () => done,
    });
    return attempts;
  }
  const done = Promise.resolve();

  it('are tried alone, and the others together', async () => {
    const all = [1, 2, 3, 4, 5];
    expect(await attemptsWith([2, 4], all)).toEqual([all, [1, 3, 5], [2], [4]]);
  });

  it('are tried alone also if they are all of them', async () => {
    expect(await attemptsWith([1, 2, 3], [1, 2, 3])).toEqual([[1, 2, 3], [1], [2], [3]]);
  });
});

describe('a single day', () => {
  it('is tried once', async () => {
    expect(await clean([1], 'day or service', { all: [1] })).toEqual({ attempts: 1, failed: [1] });
  });

  it('fails as it does among others', async () => {
    for (const all of [
      [1, 2],
      [1, 2, 3, 4, 5],
    ]) {
      expect((await clean([2], 'day or service', { all })).failed).toEqual([2]);
    }
  });
});

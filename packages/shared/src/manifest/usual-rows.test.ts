import { describe, expect, it } from 'vitest';
import { InMemoryS3, s3Error } from '../../test/in-memory-s3.ts';
import { type Ds, parseDs, weeksBefore } from '../ds.ts';
import { ManifestStore } from './manifest-store.ts';
import { warningOfEmptyDay } from './usual-rows.ts';

const dataset = 'user_purchase/stage';
const ds = parseDs('2010-12-29');

/** A store with so many rows one, two, … weeks before; undefined: not published; negative: a partial day. */
async function storeOf(rows: readonly (number | undefined)[]) {
  const s3 = new InMemoryS3();
  const store = new ManifestStore(s3.client, 'stages');
  const publish = (of: Ds, count: number, isPartial: boolean) =>
    store.publish(
      {
        ...{ dataset, ds: of, run: 'r', job: { name: 'j', version: '1' } },
        ...{ parameters: {}, upstream: [] },
        files: [{ key: `${dataset}/${of}/r/a`, bytes: 1, rows: count, sha256: '0'.repeat(64) }],
        startedAt: new Date('2011-01-01'),
        finishedAt: new Date('2011-01-01'),
        ...(isPartial && { completeUntil: new Date(of) }),
      },
      undefined,
    );
  for (const [index, count] of rows.entries()) {
    if (count === undefined) continue;
    await publish(weeksBefore(ds, index + 1), Math.abs(count), Object.is(count, -0) || count < 0);
  }
  s3.calls.length = 0;
  return { s3, store };
}

describe('a day without rows', () => {
  it.each<[string, readonly (number | undefined)[], string | undefined]>([
    ['after four weeks with rows', [4, 3, 2, 1], 'had 4, 3, 2, 1;'],
    ['after two published weeks with rows', [undefined, 3, undefined, 7], 'had 3, 7;'],
    ['after partial days without rows', [-0, 3, 2], 'had 3, 2;'],
    ['after one published week', [4], undefined],
    ['after a week without rows', [4, 3, 0, 1], undefined],
    ['after weeks without rows, such as each Saturday', [0, 0, 0, 0], undefined],
    [
      'of which a longer time ago says nothing',
      [undefined, undefined, undefined, undefined, 5, 5],
      undefined,
    ],
    ['after partial days only', [-4, -3, -2], undefined],
    ['at the beginning of history', [], undefined],
  ])('is judged by the same weekday: %s', async (_what, rows, told) => {
    const { s3, store } = await storeOf(rows);
    const warning = await warningOfEmptyDay(store, dataset, ds);
    if (told === undefined) expect(warning).toBeUndefined();
    else
      expect(warning).toMatch(
        `a Wednesday without purchases: the Wednesdays of the weeks before ${told}`,
      );
    expect(s3.calls).toHaveLength(4);
  });

  it('is judged by the manifests that can be read', async () => {
    const { s3, store } = await storeOf([4, 3, 2, 1]);
    s3.put(`${dataset}/${weeksBefore(ds, 1)}/_manifest.json`, '{"version":2}');
    expect(await warningOfEmptyDay(store, dataset, ds)).toContain('had 3, 2, 1;');
    s3.before = () => {
      throw s3Error('SlowDown', 503);
    };
    expect(await warningOfEmptyDay(store, dataset, ds)).toBeUndefined();
  });
});

import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it } from 'vitest';
import { planLoad, type PlannedLoad } from '../load/transaction.ts';
import { divideIntoSets } from './divide.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');

function published(dataset: Dataset, ds: Ds, bytes: number) {
  const file = { key: `${dataset}/${ds}/r1/f`, bytes, rows: 1, sha256: '0'.repeat(64) };
  const draft = {
    ...{ dataset, ds, run: 'r1', job: { name: 'j', version: '1' }, upstream: [], files: [file] },
    ...{ parameters: { minQuantity: 2 }, startedAt: new Date(0), finishedAt: new Date(0) },
  };
  return { manifest: completeManifest(draft, 1), etag: '"e"' };
}

function loadsOf(count: number, bytes = 1): readonly PlannedLoad[] {
  let ds = parseDs('2010-12-01');
  return Array.from({ length: count }, () => {
    const upstreams = {
      purchases: published('user_purchase/stage', ds, bytes),
      reviews: published('movie_review/stage', ds, bytes),
    };
    const load = planLoad({ ds, run: 'r', log, record: new DayNotes() }, 'stages', upstreams);
    ds = nextDs(ds);
    return load;
  });
}

const sizes = (...given: Parameters<typeof divideIntoSets>) =>
  divideIntoSets(...given).map(({ length }) => length);

describe('the sets of days', () => {
  it.each([
    [0, []],
    [1, [1]],
    [32, [32]],
    [33, [32, 1]],
    [96, [32, 32, 32]],
  ])('of %i days have at most the days that are set: %j', (count, expected) => {
    expect(sizes(loadsOf(count), 32)).toEqual(expected);
  });

  it('have no gap that is longer than a set may be', () => {
    const loads = loadsOf(40);
    const touched = [0, 1, 20, 34, 35].flatMap((index) => loads[index] ?? []);
    expect(sizes(touched, 32)).toEqual([3, 2]);
    expect(sizes(touched.toReversed(), 32)).toEqual([3, 2]);
  });

  it('read at most so many bytes of both sides, unless one day has more', () => {
    expect(sizes(loadsOf(5, 10), 32, 40)).toEqual([2, 2, 1]);
    expect(sizes(loadsOf(3, 100), 32, 40)).toEqual([1, 1, 1]);
  });

  it('follow the order of the days, and have their oldest day first', () => {
    const newestFirst = loadsOf(3).toReversed();
    const days = divideIntoSets(newestFirst, 2).map((set) => set.map(({ day }) => day.ds));
    expect(days).toEqual([['2010-12-02', '2010-12-03'], ['2010-12-01']]);
  });
});

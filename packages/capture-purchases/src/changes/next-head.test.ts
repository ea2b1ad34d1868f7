import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it } from 'vitest';
import { keptDays, nextHead } from './next-head.ts';

const at = (minute: number) => `2026-11-30T00:0${String(minute)}:00.000Z`;
const head: ChangesHead = {
  ...{ version: 1, epoch: 1, slot: 's', position: '0/10', days: {}, undated: 0 },
  ...{ since: { xid: '1', at: at(0) }, at: at(3) },
  source: {
    ...{ systemIdentifier: '5', timeline: 1, database: 'shop', table: { oid: 7, identity: 'f' } },
    publication: { oid: 10, xmin: '90', member: null },
  },
};
const part = { position: 32n, touched: new Map(), undated: 2 };
const manifests = { read: () => Promise.resolve(undefined) };

it.each([
  ['the end of a run', at(5), at(5)],
  ['a part of a run, which is complete no longer than before', null, at(3)],
  ['a replica that is further behind than the one before', at(2), at(3)],
])('%s moves the place, and the time only forward', async (_, until, expected) => {
  expect(await nextHead(head, part, until, manifests)).toEqual({
    ...head,
    ...{ position: '0/20', at: expected, undated: 2 },
  });
});

const ds = parseDs('2010-12-01');
const touched = {
  ...{ first: '200', last: '300', inserted: 1, updated: 0, deleted: 0 },
  ...{ rows: 1, rowHash: '00000000000000ab', minQuantity: 2, uncounted: 0 },
};

it('a day that was extracted begins anew, and ends no earlier than before', async () => {
  const source = { systemIdentifier: '5', xmin: '301', at: at(1) };
  const extracted = { read: () => Promise.resolve({ etag: 'e', manifest: { source } } as never) };
  const added = { ...touched, first: '250', last: '260', inserted: 2, rows: 2 };
  const more = { ...part, touched: new Map([[ds, added]]) };
  const { days } = await nextHead({ ...head, days: { [ds]: touched } }, more, null, extracted);
  expect(days).toEqual({ [ds]: { ...added, last: '300' } });
});

it('a reset keeps the days of the same cluster, with no id that is still to come', () => {
  const previous = { ...head, days: { [ds]: touched } };
  const found = (systemid: string, next_xid: string) => ({
    system: { systemid, timeline: 1, dbname: 'shop' },
    next_xid,
  });
  const kept = (...facts: [string, string]) => keptDays(previous, found(...facts));
  expect(kept('5', '400')).toEqual({ [ds]: { ...touched, uncounted: 1 } });
  // After a restore.
  expect(kept('5', '150')).toEqual({ [ds]: { ...touched, last: '149', uncounted: 1 } });
  expect(kept('6', '400')).toEqual({});
  expect(keptDays(undefined, found('5', '400'))).toEqual({});
});

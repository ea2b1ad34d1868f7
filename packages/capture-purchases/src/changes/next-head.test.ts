import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { expect, it } from 'vitest';
import { nextHead } from './next-head.ts';

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

import { describe, expect, it } from 'vitest';
import { parseDs } from '../ds.ts';
import { type ChangesHead, parseChangesHead, type TouchedDay, verdictOf } from './changes-head.ts';

const ds = parseDs('2010-12-01');
const zero = '0'.repeat(16);
const touched: TouchedDay = {
  first: '200',
  last: '300',
  inserted: 1,
  updated: 0,
  deleted: 0,
  rows: 1,
  rowHash: 'ab'.repeat(8),
  minQuantity: 2,
  uncounted: 0,
};
const head = (day?: Partial<TouchedDay>, others: Partial<ChangesHead> = {}): ChangesHead => ({
  version: 1,
  epoch: 1,
  source: {
    systemIdentifier: '7',
    timeline: 1,
    database: 'shop',
    table: { oid: 16_400, identity: 'f' },
    publication: { oid: 16_410, xmin: '90', member: { oid: 16_411, xmin: '90' } },
  },
  slot: 'user_behaviour',
  since: { xid: '100', at: '2026-11-30T00:00:00.000Z' },
  position: '0/16B3748',
  at: '2026-11-30T02:00:00.000Z',
  days: day === undefined ? {} : { [ds]: { ...touched, ...day } },
  undated: 0,
  ...others,
});
const state = { systemIdentifier: '7', xmin: '150', at: '2026-11-30T01:00:00.123456Z' };

describe('what the changes say of a published day', () => {
  it.each<[string, string, ChangesHead | undefined, typeof state | undefined]>([
    ['unknown', 'without a pointer', undefined, state],
    ['unknown', 'after a gap', head({}, { gap: 'truncated' }), state],
    ['unknown', 'of a manifest without a state', head({}), undefined],
    ['unknown', 'of another cluster', head({}), { ...state, systemIdentifier: '8' }],
    ['unknown', 'read before the slot had every change', head(), { ...state, xmin: '99' }],
    [
      'unknown',
      'read before the slot was made, by the time: ids are used again after a failover',
      head(),
      { ...state, at: '2026-11-29T23:59:59Z' },
    ],
    ['same', 'that nothing has touched', head(), state],
    ['same', 'read after all its changes', head({}), { ...state, xmin: '301' }],
    [
      'changed',
      'whose last change the snapshot may not have seen',
      head({}),
      { ...state, xmin: '300' },
    ],
    ['changed', 'whose changes come after it', head({}), state],
    [
      'changed',
      'read before the slot had every change, of which it has one',
      head({}),
      { ...state, xmin: '99', at: '2026-11-29T23:59:59Z' },
    ],
    [
      'unknown',
      'read before the slot had every change, with all that the pointer has',
      head({ first: '90', last: '98' }),
      { ...state, xmin: '99' },
    ],
    [
      'changed',
      'whose changes cancel each other: the snapshot may have seen the first',
      head({ rows: 0, rowHash: zero }),
      state,
    ],
  ])('is %s %s', (verdict, _, pointer, published) => {
    expect(verdictOf(pointer, published, ds)).toBe(verdict);
  });

  it('compares ids as numbers', () => {
    const late = { ...state, xmin: '4294967296' };
    expect(verdictOf(head({ first: '5', last: '999' }), late, ds)).toBe('same');
  });
});

describe('the pointer', () => {
  it('is read as it was written', () => {
    expect(parseChangesHead(JSON.stringify(head({})), 's3://b/k')).toEqual(head({}));
  });

  it.each(['', '[]', '{"version":2}', JSON.stringify({ ...head(), position: 'x' })])(
    'is refused as %j, with its place',
    (text) => {
      expect(() => parseChangesHead(text, 's3://b/k')).toThrow(
        's3://b/k is not a pointer to changes of version 1',
      );
    },
  );
});

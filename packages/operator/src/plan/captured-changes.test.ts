import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { parseDs } from '@user-behaviour/shared/ds';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { expect, it } from 'vitest';
import { atSource, capturedVerdict, tellCaptured } from './captured-changes.ts';

const ds = parseDs('2010-12-01');
const source = { systemIdentifier: '7', xmin: '150', at: '2026-11-30T01:00:00.000Z' };
const dayWith = (state?: typeof source) => ({
  ds,
  published: new Map([
    ['user_purchase/stage', { etag: '"a"', manifest: { source: state } } as Published] as const,
  ]),
});
const touched = {
  ...{ first: '200', last: '300', inserted: 1, updated: 1, deleted: 1 },
  ...{ rows: 0, rowHash: '0'.repeat(16), minQuantity: 2, uncounted: 0 },
};
const captured = {
  source: { systemIdentifier: '7' },
  since: { xid: '100', at: '2026-11-30T00:00:00.000Z' },
  days: { [ds]: touched },
} as unknown as ChangesHead;
it('a touched day is changed', () => {
  expect(capturedVerdict(captured, dayWith(source))).toBe('changed');
});

it('nothing is said without a pointer, or of a day that it does not cover', () => {
  expect(capturedVerdict(undefined, dayWith(source))).toBeUndefined();
  expect(capturedVerdict(captured, dayWith())).toBeUndefined();
  expect(capturedVerdict(captured, { ds, published: new Map() })).toBeUndefined();
});

it.each([
  ['same', 'changed', 'changed'],
  ['changed', 'same', 'changed'],
  ['unknown', 'same', 'unknown'],
  [undefined, 'same', 'same'],
  ['same', undefined, 'same'],
] as const)('a look that says %s beside %s as captured is %s', (looked, known, expected) => {
  expect(atSource(looked, known)).toBe(expected);
});

it('tells until when the changes are known, and of a gap', () => {
  const now = new Date('2026-11-30T02:05:00Z');
  const head = (others = {}) => exampleHead([], others) as ChangesHead;
  expect(tellCaptured(undefined, now)).toBeUndefined();
  const until = 'changes at the source are captured until 2026-11-30 02:00:00 UTC, 5 min ago';
  expect(tellCaptured(head(), now)).toBe(until);
  expect(tellCaptured(head({ gap: 'truncated' }), now)).toBe(`${until}, with a gap: truncated`);
});

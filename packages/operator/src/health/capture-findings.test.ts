import { parseDs } from '@user-behaviour/shared/ds';
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { expect, it } from 'vitest';
import { captureFindings } from './capture-findings.ts';

/** The pointer is complete until 02:00. */
const head = (others = {}) => exampleHead([], others) as ChangesHead;
const expectation = {
  now: new Date('2026-11-30T05:00:00Z'),
  end: parseDs('2026-11-29'),
  maxAge: 3 * 3_600_000,
};

it('finds nothing of a fresh pointer, nor without one', () => {
  expect(captureFindings(head(), expectation)).toEqual([]);
  expect(captureFindings(undefined, expectation)).toEqual([]);
});

it('finds a stale pointer', () => {
  const now = new Date('2026-11-30T05:00:01Z');
  expect(captureFindings(head(), { ...expectation, now })).toMatchObject([
    {
      finding: 'capture-stale',
      ds: '2026-11-29',
      level: 'error',
      message:
        'changes at the source are captured until 2026-11-30 02:00:00 UTC, 3 h ago; expected at most 3 h',
    },
  ]);
});

it('finds a gap, however fresh it is', () => {
  const found = captureFindings(head({ gap: 'retail.user_purchase was truncated' }), expectation);
  expect(found).toMatchObject([
    {
      finding: 'capture-gap',
      level: 'error',
      action: expect.stringContaining('--reset') as string,
    },
  ]);
});

it('says nothing of a history that has ended', () => {
  const end = parseDs('2026-11-28');
  expect(captureFindings(head({ gap: 'lost' }), { ...expectation, end })).toEqual([]);
});

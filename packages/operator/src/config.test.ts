import { describe, expect, it } from 'vitest';
import { historyOf, retentionOf } from './config.ts';

const now = new Date('2026-11-29T00:30:00Z');

describe('history', () => {
  it('ends yesterday in UTC, unless HISTORY_END says otherwise', () => {
    expect(historyOf({}, now)).toEqual({ start: '2010-12-01', end: '2026-11-28' });
    expect(historyOf({ HISTORY_END: '' }, now).end).toBe('2026-11-28');
    expect(historyOf({ HISTORY_END: '2010-12-10' }, now).end).toBe('2010-12-10');
  });

  it.each([
    [{ HISTORY_END: '2010-11-30' }, 'HISTORY_END=2010-11-30 is before HISTORY_START=2010-12-01'],
    [{ HISTORY_END: 'soon' }, 'HISTORY_END is wrong'],
  ])('%j is refused', (env, message) => {
    expect(() => historyOf(env, now)).toThrow(message);
  });
});

describe('retention', () => {
  const day = 86_400_000;

  it('keeps replaced runs for a week, rejects and records for 90 days, unless settings say otherwise', () => {
    const defaults = { keep: 7 * day, keepRejects: 90 * day, keepRecords: 90 * day };
    expect(retentionOf({})).toEqual(defaults);
    const given = { KEEP_RUNS: '30d', KEEP_REJECTS: '14d', KEEP_RECORDS: '365d' };
    expect(retentionOf(given)).toEqual({
      keep: 30 * day,
      keepRejects: 14 * day,
      keepRecords: 365 * day,
    });
  });

  it.each([
    { KEEP_RUNS: '30' },
    { KEEP_RUNS: '-1d' },
    { KEEP_REJECTS: '0d' },
    { KEEP_REJECTS: '99999d' },
    { KEEP_RECORDS: '0d' },
  ])('%j is refused', (env) => {
    expect(() => retentionOf(env)).toThrow(/KEEP_\w+ is wrong: expected/);
  });
});

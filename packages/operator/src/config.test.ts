import { describe, expect, it } from 'vitest';
import { historyOf } from './config.ts';

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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { dsOfEnvironment, indexedDs, scheduledDs, scheduledTime } from './scheduled-day.ts';

const minutes = (time: string) => String(Date.parse(time) / 60_000);
const seconds = (time: string) => String(Date.parse(time) / 1_000);

describe('the day of a scheduled Job', () => {
  it.each([
    ['2026-11-24T00:15:00Z', '2026-11-23'],
    ['2026-12-01T00:15:00Z', '2026-11-30'],
    ['2027-01-01T00:15:00Z', '2026-12-31'],
    ['2028-03-01T00:15:00Z', '2028-02-29'],
    ['2027-03-01T00:15:00Z', '2027-02-28'],
    ['2026-11-24T00:00:00Z', '2026-11-23'],
    ['2026-11-24T23:59:00Z', '2026-11-23'],
  ])('scheduled at %s is %s, in minutes and in seconds', (due, ds) => {
    expect(scheduledDs(`extract-purchases-${minutes(due)}`, '1')).toBe(ds);
    expect(scheduledDs(`extract-purchases-${seconds(due)}`, '1')).toBe(ds);
  });

  it('is correct for names from Kubernetes', () => {
    expect(scheduledTime('extract-purchases-29402895')).toEqual(new Date('2025-11-26T16:15:00Z'));
    expect(scheduledTime('extract-purchases-1764173700')).toEqual(new Date('2025-11-26T16:15:00Z'));
  });

  it('does not depend on the current time, so late starts and retries process the same day', () => {
    const name = `emr-clean-${minutes('2026-11-24T00:15:00Z')}`;
    // The pods of all retries belong to the same Job.
    const attempts = [1, 2, 3].map(() => dsOfEnvironment({ KUBERNETES_JOB_NAME: name }));
    expect(attempts).toEqual(['2026-11-23', '2026-11-23', '2026-11-23']);
    expect([scheduledDs, scheduledTime, dsOfEnvironment].map(({ length }) => length)).toEqual([
      2, 1, 1,
    ]);
  });

  it.each([
    ['2026-11-24T00:15:00Z', '2026-11-24'],
    ['2026-11-24T23:45:00Z', '2026-11-24'],
    ['2028-02-29T01:00:00Z', '2028-02-29'],
  ])('scheduled at %s is %s with SCHEDULE_OFFSET=0', (due, ds) => {
    const KUBERNETES_JOB_NAME = `extract-purchases-hourly-${minutes(due)}`;
    expect(dsOfEnvironment({ KUBERNETES_JOB_NAME, SCHEDULE_OFFSET: '0' })).toBe(ds);
    const before = dsOfEnvironment({ KUBERNETES_JOB_NAME });
    for (const SCHEDULE_OFFSET of ['', '1']) {
      expect(dsOfEnvironment({ KUBERNETES_JOB_NAME, SCHEDULE_OFFSET })).toBe(before);
    }
    expect(before).not.toBe(ds);
  });

  it.each(['2', '-1', '00', 'today'])(
    'is refused with SCHEDULE_OFFSET=%s',
    async (SCHEDULE_OFFSET) => {
      const failure = await failureOf(() =>
        dsOfEnvironment({ KUBERNETES_JOB_NAME: 'a-29402895', SCHEDULE_OFFSET }),
      );
      expect(failure.exit).toBe(78);
      expect(failure.message).toContain(`SCHEDULE_OFFSET is "${SCHEDULE_OFFSET}"; expected 0`);
    },
  );

  it('is derived from the last number in the name', () => {
    const due = minutes('2026-11-24T00:15:00Z');
    expect(scheduledDs(`team-7-extract-2026-${due}`, '1')).toBe('2026-11-23');
    expect(scheduledDs(`29402895-${due}`, '1')).toBe('2026-11-23');
  });

  it('is found for every minute of the range', () => {
    const first = Date.UTC(2015, 0, 1) / 60_000;
    const last = Date.UTC(2100, 0, 1) / 60_000 - 1;
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (due) => {
        const time = new Date(due * 60_000);
        expect(scheduledTime(`a-${String(due)}`)).toEqual(time);
        expect(scheduledTime(`a-${String(due * 60)}`)).toEqual(time);
      }),
    );
  });

  it.each([
    'by-hand',
    'extract-purchases-manual-x7k2p',
    'extract-purchases-20101201',
    'extract-purchases-2010-12-01',
    'extract-purchases-20101201001500',
    'extract-purchases-1234567',
    'extract-purchases-99999999',
    'extract-purchases-9999999999',
    'extract-purchases-29402895x',
    '29402895',
    '-29402895',
  ])('cannot be derived from %s, so the failure asks for --ds', async (name) => {
    const failure = await failureOf(() => scheduledDs(name, '1'));
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain(`--ds is missing, and the Job's name "${name}"`);
    expect(failure.action).toContain('--ds=');
  });
});

describe('the day of an index', () => {
  it.each([
    ['2010-12-01', '0', '2010-12-01'],
    ['2010-12-01', '31', '2011-01-01'],
    ['2012-02-28', '1', '2012-02-29'],
    ['2010-12-01', '366', '2011-12-02'],
  ])('from %s, index %s, is %s', (from, index, ds) => {
    expect(indexedDs(from, index)).toBe(ds);
  });

  it.each<[string, string | undefined, string]>([
    ['2010-02-30', '0', 'BACKFILL_FROM must be a real day'],
    ['2010-12-01', undefined, 'needs JOB_COMPLETION_INDEX'],
    ['2010-12-01', '', 'needs JOB_COMPLETION_INDEX'],
    ['2010-12-01', '-1', 'needs JOB_COMPLETION_INDEX'],
    ['2010-12-01', '1.5', 'needs JOB_COMPLETION_INDEX'],
    ['2200-12-31', '1', 'BACKFILL_FROM with index 1 must be a day from 1970-01-01'],
  ])('from %s, index %s, is rejected', async (from, index, message) => {
    const failure = await failureOf(() => indexedDs(from, index));
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain(message);
  });
});

describe('the environment', () => {
  const scheduled = { KUBERNETES_JOB_NAME: `a-${minutes('2026-11-24T00:15:00Z')}` };

  it('need not name a day', () => {
    expect(dsOfEnvironment({})).toBeUndefined();
    expect(dsOfEnvironment({ KUBERNETES_JOB_NAME: '', BACKFILL_FROM: '' })).toBeUndefined();
    expect(dsOfEnvironment({ JOB_COMPLETION_INDEX: '3' })).toBeUndefined();
  });

  it('names the day by the Job, or by the index in a backfill', () => {
    expect(dsOfEnvironment(scheduled)).toBe('2026-11-23');
    const backfill = { ...scheduled, BACKFILL_FROM: '2010-12-01', JOB_COMPLETION_INDEX: '3' };
    expect(dsOfEnvironment(backfill)).toBe('2010-12-04');
  });
});

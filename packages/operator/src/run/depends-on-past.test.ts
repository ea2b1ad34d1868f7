import { parseDs } from '@user-behaviour/shared/ds';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import type { DayPlan, Step } from '../plan/day-plan.ts';
import { applyDependsOnPast } from './depends-on-past.ts';

const historyStart = parseDs('2010-12-01');
const follow: Step = { action: 'if-upstream-changed', why: 'if an upstream has changed' };
const missing: Step = { action: 'run', why: 'missing' };
const noUpstream: Step = { action: 'blocked', why: 'no upstream' };

const plan = (day: number, load: Step): DayPlan => ({
  ds: parseDs(`2010-12-0${String(day)}`),
  steps: Object.fromEntries(
    jobs.map((job) => [job, job === 'redshift-load' ? load : follow]),
  ) as DayPlan['steps'],
});

/** What becomes of the loads of these days, when these days have a ledger row. */
const loads = (plans: readonly DayPlan[], ...loaded: readonly number[]) =>
  applyDependsOnPast(plans, {
    loaded: new Set(loaded.map((day) => plan(day, follow).ds)),
    historyStart,
  }).map(({ steps }) => steps['redshift-load'].why);

const stuck = 'the day before is not loaded';

describe('a plan by which each day is loaded after the one before', () => {
  it('begins with the first day of history, and goes on from day to day', () => {
    expect(loads([plan(1, missing), plan(2, missing), plan(3, missing)])).toEqual([
      'missing',
      'missing',
      'missing',
    ]);
  });

  it('is stuck behind a day that is not loaded, to its end', () => {
    expect(loads([plan(3, missing), plan(4, missing)])).toEqual([stuck, stuck]);
    expect(loads([plan(3, missing), plan(4, missing)], 2)).toEqual(['missing', 'missing']);
  });

  it('is stuck behind a day that will fail, for that reason first where there are two', () => {
    expect(loads([plan(1, noUpstream), plan(2, missing), plan(3, noUpstream)])).toEqual([
      'no upstream',
      stuck,
      'no upstream',
    ]);
  });

  it('asks it of a loaded day as well, but a loaded day is in no other’s way', () => {
    const days = [plan(3, follow), plan(4, missing)];
    expect(loads(days, 3)).toEqual([stuck, 'missing']);
  });
});

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

const days = (numbers: readonly number[]) =>
  new Set(numbers.map((day) => parseDs(`2010-12-0${String(day)}`)));

/** What becomes of the loads of these days, when these days have a ledger row, and some of them a partial one. */
const loadsAfter = (
  plans: readonly DayPlan[],
  loaded: readonly number[],
  partial: readonly number[],
  complete: readonly number[] = [],
) =>
  applyDependsOnPast(plans, {
    loaded: days(loaded),
    partial: days(partial),
    complete: days(complete),
    historyStart,
  }).map(({ steps }) => steps['redshift-load'].why);
const loads = (plans: readonly DayPlan[], ...loaded: readonly number[]) =>
  loadsAfter(plans, loaded, []);

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
    const plans = [plan(3, follow), plan(4, missing)];
    expect(loads(plans, 3)).toEqual([stuck, 'missing']);
  });

  it('is not stuck behind a partial day whose purchases are complete by now, if it is loaded again before', () => {
    const partial = 'the day before is partial';
    expect(loadsAfter([plan(3, missing), plan(4, missing)], [2, 3], [3], [3])).toEqual([
      'missing',
      'missing',
    ]);
    expect(loadsAfter([plan(3, follow), plan(4, missing)], [2, 3], [3], [3])).toEqual([
      follow.why,
      partial,
    ]);
  });

  it('is stuck behind a partial day, unless that day is extracted and loaded again before', () => {
    const partial = 'the day before is partial';
    expect(loadsAfter([plan(3, missing), plan(4, missing)], [2], [2])).toEqual([partial, stuck]);
    const other = plan(3, { action: 'run', why: 'other SQL' });
    expect(loadsAfter([other, plan(4, missing)], [2, 3], [3])).toEqual(['other SQL', partial]);
    const again: Step = { action: 'run', why: 'partial day' };
    const finished = { ...other, steps: { ...other.steps, 'extract-purchases': again } };
    expect(loadsAfter([finished, plan(4, missing)], [2, 3], [3])).toEqual(['other SQL', 'missing']);
  });
});

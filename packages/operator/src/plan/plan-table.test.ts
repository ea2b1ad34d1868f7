import { parseDs } from '@user-behaviour/shared/ds';
import { pipeline } from '@user-behaviour/shared/pipeline';
import { expect, it } from 'vitest';
import type { DayPlan } from './day-plan.ts';
import { planOutput } from './plan-table.ts';

const step = { action: 'run', why: 'parameters changed: minQuantity 2 → 5' } as const;
const steps = Object.fromEntries(pipeline.map(({ name }) => [name, step])) as DayPlan['steps'];
const plan: DayPlan = { ds: parseDs('2010-12-01'), steps };

it('the plan fits a terminal without losing a word', () => {
  const text = planOutput([plan]).text(100);
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(text).not.toContain('…');
  expect(text.split('\n').length).toBeGreaterThan(3);
  expect(planOutput([plan]).text(undefined).split('\n')).toHaveLength(3);
});

it('the document of a plan has what each job would do, and why', () => {
  expect(planOutput([plan]).json()).toEqual({ days: [{ ds: '2010-12-01', jobs: steps }] });
});

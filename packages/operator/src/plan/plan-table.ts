/** A plan as a table: a line a day, a column a job. */
import { pipeline } from '@user-behaviour/shared/pipeline';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import type { DayPlan, Step } from './day-plan.ts';

export const planOutput = (plans: readonly DayPlan[]): Output => ({
  text: (width) => planTable(plans, width),
  json: () => ({ days: plans.map(({ ds, steps }) => ({ ds, jobs: steps })) }),
});

export function planTable(plans: readonly DayPlan[], width?: number): string {
  return formatTable(
    ['ds', ...pipeline.map(({ name }) => name)],
    plans.map(({ ds, steps }) => [
      ds,
      ...pipeline.map(({ name, verb }) => cell(verb, steps[name])),
    ]),
    { width, overflow: 'wrap' },
  );
}

function cell(verb: string, { action, why }: Step): string {
  switch (action) {
    case 'run':
      return `${verb}: ${why}`;
    case 'recheck':
      return 'check';
    case 'none':
      return `nothing, ${why}`;
    case 'if-upstream-changed':
      return 'nothing, unless changed';
    case 'blocked':
      return `FAIL: ${why}`;
  }
}

/** How many days each job will run for, and for how many it may. */
export function planTotals(plans: readonly DayPlan[]): string {
  const totals = pipeline.map(({ name, verb }) => {
    const count = (...actions: Step['action'][]) =>
      plans.filter(({ steps }) => actions.includes(steps[name].action)).length;
    const perhaps = count('recheck', 'if-upstream-changed');
    const blocked = count('blocked');
    return [
      `${verb} ${String(count('run'))}`,
      ...(perhaps > 0 ? [`${String(perhaps)} if changed`] : []),
      ...(blocked > 0 ? [`${String(blocked)} will fail`] : []),
    ].join(', ');
  });
  return `${String(plans.length)} day${plans.length === 1 ? '' : 's'}: ${totals.join('; ')}`;
}

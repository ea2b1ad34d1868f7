/** A plan as a person reads it: a line a day, a column a job. */
import type { DayPlan, Step } from './day-plan.ts';
import { type JobName, jobs } from '../run/job-command.ts';
import { formatTable } from '../table.ts';

const verbs: Readonly<Record<JobName, string>> = {
  'extract-purchases': 'extract',
  'stage-reviews': 'stage',
  'emr-clean': 'clean',
  'redshift-load': 'load',
};

export function planTable(plans: readonly DayPlan[]): string {
  return formatTable(
    ['ds', ...jobs],
    plans.map(({ ds, steps }) => [ds, ...jobs.map((job) => say(verbs[job], steps[job]))]),
  );
}

function say(verb: string, { does, why }: Step): string {
  switch (does) {
    case 'do':
      return `${verb}: ${why}`;
    case 'check':
      return 'check';
    case 'follow':
      return 'nothing, unless changed';
    case 'stuck':
      return `FAIL: ${why}`;
  }
}

/** How many days each job will do, and how many it may. */
export function planTotals(plans: readonly DayPlan[]): string {
  const said = jobs.map((job) => {
    const count = (...does: Step['does'][]) =>
      plans.filter(({ steps }) => does.includes(steps[job].does)).length;
    const perhaps = count('check', 'follow');
    const stuck = count('stuck');
    return [
      `${verbs[job]} ${String(count('do'))}`,
      ...(perhaps > 0 ? [`${String(perhaps)} if changed`] : []),
      ...(stuck > 0 ? [`${String(stuck)} will fail`] : []),
    ].join(', ');
  });
  return `${String(plans.length)} days: ${said.join('; ')}`;
}

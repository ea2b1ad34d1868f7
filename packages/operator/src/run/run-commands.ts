/** Commands that run jobs: one day, a range, or whatever is missing. */
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import type { Argv } from 'yargs';
import { historyOf } from '../config.ts';
import { jsonOption } from '../output.ts';
import { consecutiveRanges } from '../plan/day-ranges.ts';
import { readPlans } from '../plan/read-plans.ts';
import { planOutput, planTotals } from '../plan/plan-table.ts';
import type { Shell } from '../shell.ts';
import { showPlan, work } from './work.ts';
import {
  forceOption,
  lookOption,
  mannerOf,
  manyDaysOptions,
  pastOption,
  workOptions,
} from './work-options.ts';

const rangeOptions = {
  from: { type: 'string', demandOption: true, describe: 'the first day' },
  to: { type: 'string', demandOption: true, describe: 'the last day' },
} as const;

export function runCommands(cli: Argv, shell: Shell): Argv {
  return cli
    .command(
      'run',
      'one day, all four jobs',
      (options) =>
        options
          .option('ds', { type: 'string', demandOption: true, describe: 'the day' })
          .option('wait', { type: 'string', describe: 'wait for upstreams, e.g. 30m' })
          .options({ ...workOptions, ...forceOption }),
      async ({ ds, ...given }) => {
        const days = [parseDs(ds, shell.optionName('ds'))];
        const manner = mannerOf(given, shell);
        if (given.dryRun) await showPlan(days, { ...given, dependsOnPast: false }, shell);
        else await work('run', days, manner, shell);
      },
    )
    .command(
      'backfill',
      'every day of a range, one process a job',
      (options) => options.options(rangeOptions).options({ ...manyDaysOptions, ...forceOption }),
      async (given) => {
        const days = typedRange(given, shell);
        const manner = mannerOf(given, shell);
        if (given.dryRun) await showPlan(days, given, shell);
        else await work('backfill', days, manner, shell);
      },
    )
    .command(
      'plan',
      'what backfill would do of a range, and why',
      (options) =>
        options.options({
          ...rangeOptions,
          ...pastOption,
          ...forceOption,
          ...lookOption,
          ...jsonOption,
        }),
      (given) => showPlan(typedRange(given, shell), given, shell),
    )
    .command(
      'catchup',
      'the days that are missing or stale, from HISTORY_START to HISTORY_END',
      (options) =>
        options
          .option('to', {
            type: 'string',
            describe: 'the last day [default: HISTORY_END, else yesterday in UTC]',
          })
          .options({ ...manyDaysOptions, ...lookOption }),
      async ({ to, dryRun, ...given }) => {
        const manner = mannerOf(given, shell);
        const { start, end } = historyOf(shell.env, new Date());
        const name = shell.optionName;
        const last = to === undefined ? end : parseDs(to, name('to'));
        const history = dsRange(start, last, { from: 'HISTORY_START', through: name('to') });
        const due = await readPlans(history, { ...given, onlyDue: true }, shell);
        const days = due.map(({ ds }) => ds);
        if (due.length === 0) {
          shell.print(`nothing to do up to ${last}`);
          return;
        }
        const ranges = consecutiveRanges(days, given.order).length;
        shell.report(
          `${planTotals(due)}; in ${String(ranges)} range${ranges === 1 ? '' : 's'} up to ${last}`,
        );
        if (dryRun) shell.print(planOutput(due));
        else await work('catchup', days, manner, shell);
      },
    );
}

function typedRange(given: { readonly from: string; readonly to: string }, shell: Shell): Ds[] {
  const names = { from: shell.optionName('from'), through: shell.optionName('to') };
  return dsRange(parseDs(given.from, names.from), parseDs(given.to, names.through), names);
}

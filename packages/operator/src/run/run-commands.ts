/** Commands that run jobs: one day, a range, or whatever is missing. */
import { type Ds, dsRange, parseDs, previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Argv } from 'yargs';
import { readDays } from '../facts/day-facts.ts';
import { type DayPlan, isDue, planDay } from '../plan/day-plan.ts';
import { consecutiveRanges, type Order, orders } from '../plan/day-ranges.ts';
import { operatorConfiguration, startOfHistory } from '../config.ts';
import { parseRunner } from './job-command.ts';
import { readSettings } from '../plan/job-settings.ts';
import { applyDependsOnPast, type Past } from './depends-on-past.ts';
import { pipelineTable, pipelineVerdict, runPipeline } from './run-pipeline.ts';
import { planOutput, planTotals } from '../plan/plan-table.ts';
import { jsonOption } from '../output.ts';
import type { Shell } from '../shell.ts';

interface Work {
  readonly days: readonly Ds[];
  readonly jobs: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly order?: Order | undefined;
  readonly dependsOnPast?: boolean | undefined;
  readonly wait?: string | undefined;
}

const retryOptions = {
  retries: { type: 'number', default: 2, describe: 'how often a job is tried again' },
  'retry-delay': { type: 'number', default: 5, describe: 'seconds before the first retry' },
} as const;

const pastOption = {
  'depends-on-past': {
    type: 'boolean',
    default: false,
    describe: 'load a day only when the day before has been loaded',
  },
} as const;

const manyDays = {
  ...retryOptions,
  ...pastOption,
  jobs: { type: 'number', default: 4, describe: 'days at a time' },
  order: { choices: orders, default: orders[0], describe: 'which days go first' },
} as const;

export function runCommands(cli: Argv, shell: Shell): Argv {
  return cli
    .command(
      'run',
      'one day, all four jobs',
      (options) =>
        options
          .option('ds', { type: 'string', demandOption: true })
          .option('wait', { type: 'string', describe: 'wait for upstreams, e.g. 30m' })
          .options(retryOptions),
      async ({ ds, ...given }) => {
        await work({ ...given, days: [parseDs(ds, 'DS')], jobs: 1 }, shell);
      },
    )
    .command(
      'backfill',
      'every day of a range, one process a job',
      (options) =>
        options
          .option('from', { type: 'string', demandOption: true })
          .option('to', { type: 'string', demandOption: true })
          .options(manyDays),
      async ({ from, to, ...given }) => {
        await work({ ...given, days: dsRange(parseDs(from, 'FROM'), parseDs(to, 'TO')) }, shell);
      },
    )
    .command(
      'plan',
      'what backfill would do of a range, and why',
      (options) =>
        options
          .option('from', { type: 'string', demandOption: true })
          .option('to', { type: 'string', demandOption: true })
          .options({ ...pastOption, ...jsonOption }),
      async ({ from, to, dependsOnPast }) => {
        const found = await look(parseDs(from, 'FROM'), parseDs(to, 'TO'), shell);
        const plans = dependsOnPast ? applyDependsOnPast(found.plans, found.past) : found.plans;
        shell.print(planOutput(plans));
        shell.report(planTotals(plans));
      },
    )
    .command(
      'catchup',
      'the days that are missing or stale, from the first of history to yesterday UTC',
      (options) =>
        options
          .option('to', { type: 'string', describe: 'the last day [default: yesterday, UTC]' })
          .option('dry-run', { type: 'boolean', default: false, describe: 'only say which' })
          .options(manyDays),
      async ({ to, dryRun, ...given }) => {
        const last = to === undefined ? yesterday(new Date()) : parseDs(to, 'TO');
        const found = await look(startOfHistory(shell.env), last, shell);
        // A day that is loaded and current needs nothing, even if the day before is missing.
        const certain = found.plans.filter(isDue);
        const due = given.dependsOnPast ? applyDependsOnPast(certain, found.past) : certain;
        const ranges = consecutiveRanges(
          due.map(({ ds }) => ds),
          given.order,
        );
        const until = `up to ${last}`;
        if (due.length === 0) {
          shell.print(`nothing to do ${until}`);
          return;
        }
        shell.report(
          `${planTotals(due)}; in ${String(ranges.length)} range${ranges.length === 1 ? '' : 's'} ${until}`,
        );
        if (dryRun) shell.print(planOutput(due));
        else await work({ ...given, days: due.map(({ ds }) => ds) }, shell);
      },
    );
}

/** The day before the one that it is now, in UTC. */
const yesterday = (now: Date): Ds => previousDs(parseDs(now.toISOString().slice(0, 10)));

/** What the jobs would do of each day, and what there is of the days before. */
async function look(from: Ds, to: Ds, shell: Shell): Promise<{ plans: DayPlan[]; past: Past }> {
  if (to < from) throw new Failure('usage', `TO=${to} is before ${from}, the first day`);
  const [settings, days] = await Promise.all([
    readSettings(parseRunner(shell.env['RUNNER']), shell.stopSignal()),
    readDays(operatorConfiguration(shell.env), { from: previousDs(from), to }),
  ]);
  const loaded = new Set(days.flatMap(({ ds, ledger }) => (ledger === undefined ? [] : [ds])));
  return {
    plans: days.slice(1).map((day) => planDay(day, settings)),
    past: { loaded, historyStart: startOfHistory(shell.env) },
  };
}

async function work({ days, order = 'oldest-first', ...given }: Work, shell: Shell): Promise<void> {
  const dependsOnPast = given.dependsOnPast === true;
  if (dependsOnPast && order === 'newest-first') {
    throw new Failure('usage', '--order=newest-first and --depends-on-past exclude each other');
  }
  const result = await runPipeline({
    runner: parseRunner(shell.env['RUNNER']),
    days,
    order,
    parallel: given.jobs,
    retries: given.retries,
    retryDelay: given.retryDelay * 1_000,
    passOn: [`--log-format=${shell.env['LOG_FORMAT'] === 'json' ? 'json' : 'pretty'}`],
    wait: given.wait,
    passOnTo: dependsOnPast ? { 'redshift-load': ['--depends-on-past'] } : {},
    signal: shell.stopSignal(),
    report: shell.report,
  });
  const { exit, failed } = pipelineVerdict(days, result);
  shell.print(pipelineTable(days, result));
  if (exit !== 0) shell.report(`failed: ${failed.join(', ')}`);
  shell.end(exit);
}

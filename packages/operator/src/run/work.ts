/** Runs the jobs for the days of a command, and says how it went. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { requireConsent } from '../command-line/consent.ts';
import { wholeNumber } from '../command-line/whole-number.ts';
import { operatorConfiguration } from '../config.ts';
import { lookAt } from '../plan/look.ts';
import type { DayPlan } from '../plan/day-plan.ts';
import { type Order, orders, tellDays, tellRange } from '../plan/day-ranges.ts';
import { planTable, planTotals } from '../plan/plan-table.ts';
import { liveProgress } from '../progress/live-progress.ts';
import { withJobLogs } from '../progress/progress.ts';
import type { Shell } from '../shell.ts';
import { parseSpan } from '../time-span.ts';
import { tellWorld } from '../world/world.ts';
import { parseRunner } from './job-command.ts';
import { pipelineSummary, pipelineTable, pipelineVerdict, runPipeline } from './run-pipeline.ts';

/** What may be typed of every command that runs jobs. */
export const workOptions = {
  retries: { type: 'string', default: '2', describe: 'how often a job is tried again' },
  'retry-delay': { type: 'string', default: '5', describe: 'seconds before the first retry' },
  'dry-run': { type: 'boolean', default: false, describe: 'only show the plan' },
  verbose: { alias: 'v', type: 'boolean', default: false, describe: 'show the logs of the jobs' },
} as const;

export const pastOption = {
  'depends-on-past': {
    type: 'boolean',
    default: false,
    describe: 'load a day only when the day before has been loaded',
  },
} as const;

export const manyDaysOptions = {
  ...workOptions,
  ...pastOption,
  jobs: { type: 'string', default: '4', describe: 'days at a time' },
  order: { choices: orders, default: orders[0], describe: 'which days go first' },
  yes: { type: 'boolean', default: false, describe: 'do more than 60 days without a question' },
} as const;

/** The options as they were typed. */
export interface Work {
  /** `backfill`. */
  readonly command: string;
  /** In ascending order. */
  readonly days: readonly Ds[];
  readonly retries: string;
  readonly retryDelay: string;
  readonly verbose: boolean;
  readonly jobs?: string;
  readonly order?: Order;
  readonly dependsOnPast?: boolean;
  readonly yes?: boolean;
  readonly wait?: string | undefined;
}

/** What the work would be, and nothing else. */
export async function showPlan(
  days: readonly Ds[],
  dependsOnPast: boolean,
  shell: Shell,
): Promise<void> {
  printPlan(await lookAt(days, { dependsOnPast }, shell), shell);
}

export function printPlan(plans: readonly DayPlan[], shell: Shell): void {
  shell.print(planTable(plans));
  shell.report(planTotals(plans));
}

export async function work(given: Work, shell: Shell): Promise<void> {
  const { command, days, order = 'oldest-first', dependsOnPast = false } = given;
  const name = shell.optionName;
  if (dependsOnPast && order === 'newest-first') {
    throw new Failure(
      'usage',
      `${name('order')}=newest-first and ${name('depends-on-past')} exclude each other`,
    );
  }
  const numbers = {
    parallel: wholeNumber(given.jobs ?? '1', name('jobs'), { least: 1, most: 64 }),
    retries: wholeNumber(given.retries, name('retries'), { least: 0, most: 100 }),
    retryDelay:
      wholeNumber(given.retryDelay, name('retry-delay'), { least: 0, most: 3_600 }) * 1_000,
  };
  if (given.wait !== undefined) parseSpan(given.wait, name('wait'));
  const runner = parseRunner(shell.env['RUNNER']);
  const world = await tellWorld(operatorConfiguration(shell.env), shell.env);
  const range = tellRange(days[0] ?? '', days.at(-1) ?? '');
  shell.report(`${command}: ${range} on ${world}`);
  await requireConsent(command, days, given.yes === true, shell);
  const started = performance.now();
  const progress = progressOf(given.verbose, shell);
  const result = await runPipeline({
    ...numbers,
    runner,
    days,
    order,
    wait: given.wait,
    passOnTo: dependsOnPast ? { 'redshift-load': ['--depends-on-past'] } : {},
    signal: shell.stopSignal(),
    progress,
  }).finally(progress.close);
  const { exit, failed } = pipelineVerdict(days, result);
  // On a terminal, the lines of the stages have said of one day what the table says.
  const isSaid = progress.logFormat === 'json' && shell.showsResult && days.length === 1;
  if (!isSaid || shell.terminal === undefined) shell.print(pipelineTable(days, result));
  if (exit !== 0) shell.report(`failed: ${tellDays(failed)}`);
  shell.report(pipelineSummary(days, result, performance.now() - started));
  shell.end(exit);
}

/** Lines that are drawn again, unless somebody wants the logs, or reads them by machine. */
function progressOf(verbose: boolean, { terminal, env, report }: Shell) {
  const isJson = env['LOG_FORMAT'] === 'json';
  if (terminal === undefined || verbose || isJson) {
    return withJobLogs(isJson ? 'json' : 'pretty', report);
  }
  return liveProgress(terminal);
}

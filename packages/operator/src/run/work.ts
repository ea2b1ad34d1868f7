/** Runs the jobs for the days of a command, and says how it went. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { sendsTelemetry } from '@user-behaviour/shared/runner/telemetry/config';
import { requireConsent } from '../command-line/consent.ts';
import { operatorConfiguration } from '../config.ts';
import { type PlanOptions, readPlans } from '../plan/read-plans.ts';
import { tellDays, tellRange } from '../plan/day-ranges.ts';
import { planOutput, planTotals } from '../plan/plan-table.ts';
import { Journal } from '../journal/journal.ts';
import type { JobLog as OpenLog } from '../progress/job-log.ts';
import type { Progress } from '../progress/progress.ts';
import type { Shell } from '../shell.ts';
import type { ChainTrace } from '../trace/chain-trace.ts';
import { requireLocalCloud, tellWorld } from '../world/world.ts';
import { pipelineSummary, pipelineTable, pipelineVerdict, runPipeline } from './run-pipeline.ts';
import { markRunning } from './running-mark.ts';
import { tellShellSettings } from './shell-settings.ts';
import type { Manner } from './work-options.ts';

/** What the work would be, and nothing else. */
export async function showPlan(
  days: readonly Ds[],
  options: PlanOptions,
  shell: Shell,
): Promise<void> {
  const plans = await readPlans(days, options, shell);
  shell.print(planOutput(plans));
  shell.report(planTotals(plans));
}

/** Runs the jobs. `days` are in ascending order. */
export async function work(
  command: string,
  days: readonly Ds[],
  manner: Manner,
  shell: Shell,
): Promise<void> {
  await requireLocalCloud(shell.env);
  const world = await tellWorld(operatorConfiguration(shell.env), shell.env);
  const range = tellRange(days[0] ?? '', days.at(-1) ?? '');
  shell.report(`${command}: ${range} on ${world}`);
  for (const line of await tellShellSettings(shell.env, days)) shell.report(line);
  await requireConsent(command, days, manner.yes, shell);
  using _mark = markRunning(`${command} ${range}`);
  using journal = new Journal({ command: `${command} ${range}`, world, days });
  const exit = await runDays(days, manner, shell, journal);
  journal.write({ event: 'end', exit });
  shell.end(exit);
}

/** Runs the jobs, but for those of `leave`, and returns the exit code of the whole. */
export async function runDays(
  days: readonly Ds[],
  manner: Manner,
  shell: Shell,
  journal: Journal,
  leave: readonly JobName[] = [],
): Promise<number> {
  const started = performance.now();
  const trace = await traceOf(days, shell.env);
  const progress = await progressOf(manner, shell, journal);
  const result = await runPipeline({
    ...manner,
    days,
    leave,
    passOnTo: manner.dependsOnPast ? { 'redshift-load': ['--depends-on-past'] } : {},
    signal: shell.stopSignal(),
    progress,
    trace,
  }).finally(progress.close);
  const { exit, failed } = pipelineVerdict(days, result);
  // The lines of the stages have said of one day what the table says.
  const isSaid = progress.isDrawn && shell.resultWidth !== undefined && days.length === 1;
  if (!isSaid) shell.print(pipelineTable(days, result));
  if (shell.stopSignal().aborted) shell.report('stopped: start it again to do what is left');
  else if (failed.length > 0) shell.report(`failed: ${tellDays(failed)}`);
  else if (exit !== 0) shell.report('all days are done, but a job could not write its report');
  shell.report(pipelineSummary(days, result, performance.now() - started));
  await trace?.end(exit, shell.report);
  return exit;
}

/** Loaded only if spans or metrics are to be sent. */
const traceOf = async (days: readonly Ds[], env: Shell['env']): Promise<ChainTrace | undefined> =>
  sendsTelemetry(env)
    ? new (await import('../trace/chain-trace.ts')).ChainTrace(days, env)
    : undefined;

/** Lines that are drawn again, unless somebody wants the logs, or reads them by machine. */
async function progressOf(
  { verbose }: Manner,
  { terminal, env, report }: Shell,
  journal: Journal,
): Promise<Progress> {
  // Loaded only where jobs run: they format logs.
  const { JobLog } = await import('../progress/job-log.ts');
  const { journalProgress } = await import('../progress/journal-progress.ts');
  const logs = new Map<JobName, OpenLog>();
  const openLog = (job: JobName) => {
    const log = logs.get(job) ?? new JobLog(job, journal.folder);
    logs.set(job, log);
    return log;
  };
  const isJson = env['LOG_FORMAT'] === 'json';
  if (terminal === undefined || verbose || isJson) {
    const { logProgress } = await import('../progress/log-progress.ts');
    return journalProgress(logProgress(isJson ? 'json' : 'pretty', report, openLog), journal);
  }
  const { liveProgress } = await import('../progress/live-progress.ts');
  return journalProgress(liveProgress(terminal, openLog), journal);
}

/** Runs a job for one or more days: one summary line per day and one exit code for all of them. */
import { type HealthCheck, type HealthChecks, type Finding, runChecks } from './health-checks.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { type Environment, readConfiguration, type Variables } from './config.ts';
import { asFailure, Failure, mostSevere } from '../failure.ts';
import type { Job, Session } from './job.ts';
import { createLog, type LineFormat, type Log, type LogFormat } from './log.ts';
import type { Program } from './options.ts';
import { exitOfReport, type OutputStream, type Report, reportTo } from './report-writer.ts';
import { report, runDays } from './run-days.ts';
import { newRunId } from './run-id.ts';
import { sendRecords } from '../run-record/send-records.ts';
import { noSenders, openSenders } from '../run-record/senders.ts';
import { applyRules, rulesChecks } from '../rules/apply-rules.ts';
import { rememberEnvironment } from '../s3/credential-source.ts';

/** The parts of `process` that the runner uses. Jobs do not use `process` directly. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly on: (signal: 'SIGTERM' | 'SIGINT', listener: () => void) => unknown;
  readonly exit: (code: number) => unknown;
}

/** Milliseconds to cancel remote work after a signal; Kubernetes kills the process after 30 s. */
const grace = 20_000;

/**
 * Runs the job with the arguments of the process. Returns the exit code and never throws. If all is done but
 * stdout or stderr could not be written, the code is that of `report-lost`.
 */
export async function runJob<V extends Variables>(job: Job<V>, host: Host): Promise<number> {
  const output = reportTo(host);
  const { exit, tell } = await work(job, host, output);
  return await exitOfReport(exit, output, tell);
}

interface Result {
  readonly exit: number;
  /** Tells of a failure where the others were told. */
  readonly tell: (failure: Failure) => void;
}

async function work<V extends Variables>(
  job: Job<V>,
  host: Host,
  { stdout, stderr }: Report,
): Promise<Result> {
  let log: Log | undefined;
  let signal: AbortSignal | undefined;
  const stack = host.env['LOG_STACK'] === '1';
  const tell = (failure: Failure): void => {
    if (log === undefined)
      stderr.write(`${job.stage.name}: ${failure.message}\n${failure.action}\n`);
    else report(log, failure, stack);
  };
  rememberEnvironment(host.env);
  try {
    const given = parseCommandLine(job, host.argv.slice(2), host.stderr.isTTY, host.env);
    if ('print' in given) {
      stdout.write(`${given.print}\n`);
      return { exit: 0, tell };
    }
    const line = given.flags.has(job.inOrderWith ?? '') ? inOrder(given, job.inOrderWith) : given;
    const format = await lineFormat(job.stage.name, line.logFormat);
    log = createLog(job.stage.name, format, stderr, host.env['LOG_LEVEL'] ?? 'info');
    if (line.check) return { exit: await checkHealth(job, line, log, host, stdout), tell };
    const configuration = readConfiguration(job.variables, host.env, job.validate);
    signal = abortOnSignal(host, log);
    const session = sessionOf(job, line, log, signal);
    const run = line.runId ?? newRunId(new Date());
    const { configurationOf, overridden } = await applyRules(job, configuration, host.env, signal);
    for (const warning of overridden(line.days)) log.warn(warning);
    const senders = line.dryRun ? noSenders : await openSenders(host.env, session, job.sql);
    await using open = await job.open(configuration, session, configurationOf);
    const output = { write: stdout.write, stack };
    const { failures, records } = await runDays(open, line, session, run, output);
    if (!line.dryRun && open.runRecord !== undefined) {
      const traced = records.map((record) => ({ ...record, ...senders.facts }));
      const sinks = [open.runRecord, ...senders.sinks];
      await Promise.all([sendRecords(traced, sinks, log), open.afterDays?.()]);
    }
    return { exit: mostSevere(failures)?.exit ?? 0, tell };
  } catch (error) {
    const failure = asFailure(signal?.aborted === true ? signal.reason : error);
    tell(failure);
    return { exit: failure.exit, tell };
  }
}

/** Loads the formatter of the pretty log only if it is used. */
async function lineFormat(job: string, format: LogFormat): Promise<'json' | LineFormat> {
  return format === 'json' ? format : (await import('./readable-log.ts')).readableLines(job);
}

const sessionOf = (
  { stage, version }: Program,
  line: CommandLine,
  log: Log,
  signal: AbortSignal,
): Session => ({
  ...line,
  log,
  signal,
  now: () => new Date(),
  job: { name: stage.name, version },
});

/** Runs --check and writes each finding as a line of JSON. Stops if the configuration is wrong. */
async function checkHealth<V extends Variables>(
  job: Job<V>,
  line: CommandLine,
  log: Log,
  host: Host,
  stdout: Report['stdout'],
): Promise<number> {
  const onFinding = (finding: Finding) => {
    stdout.write(`${JSON.stringify({ job: job.stage.name, ...finding })}\n`);
  };
  let healthChecks: HealthChecks | undefined;
  let ofRules: readonly HealthCheck[] = [];
  const open = async () => {
    const configuration = readConfiguration(job.variables, host.env, job.validate);
    ofRules = rulesChecks(job, configuration, host.env);
    healthChecks = await job.healthChecks(
      configuration,
      sessionOf(job, line, log, abortOnSignal(host, log)),
    );
    return {
      found: `${String(Object.keys(job.variables).length)} variables, version ${job.version}`,
    };
  };
  const exit = await runChecks([{ name: 'configuration', run: open }], onFinding);
  if (healthChecks === undefined) return exit;
  await using opened = healthChecks;
  return await runChecks([...ofRules, ...opened.checks], onFinding);
}

/** Processes one day at a time, oldest first. */
function inOrder(line: CommandLine, flag: string | undefined): CommandLine {
  const [first = '', last = ''] = [line.days[0], line.days.at(-1)];
  if (first <= last) return { ...line, parallel: 1 };
  throw new Failure('usage', `--newest-first and --${String(flag)} exclude each other`);
}

function abortOnSignal(host: Host, log: Log): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: string) => () => {
    if (controller.signal.aborted) return;
    log.warn({ signal }, 'stopping: cancelling work in progress');
    controller.abort(new Failure('interrupted', `stopped by ${signal}`));
    setTimeout(() => host.exit(143), grace).unref();
  };
  host.on('SIGTERM', stop('SIGTERM'));
  host.on('SIGINT', stop('SIGINT'));
  return controller.signal;
}

/** Runs a job for one or more days: one summary line per day and one exit code for all of them. */
import { type HealthCheck, type HealthChecks, type Finding, runChecks } from './health-checks.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { type Environment, readConfiguration, type Variables } from './config.ts';
import { mapConcurrently } from '../concurrency.ts';
import type { Ds } from '../ds.ts';
import { asFailure, Failure, mostSevere } from '../failure.ts';
import type { Day, Job, OpenJob, Outcome, Session } from './job.ts';
import { createLog, type LineFormat, type Log, type LogFormat } from './log.ts';
import type { Program } from './options.ts';
import { exitOfReport, type OutputStream, type Report, reportTo } from './report-writer.ts';
import { newRunId } from './run-id.ts';
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
    await using open = await job.open(configuration, session, configurationOf);
    const failures = await runDays(open, line, session, run, { write: stdout.write, stack });
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

interface Output {
  readonly write: (line: string) => void;
  readonly stack: boolean;
}

async function runDays(
  open: OpenJob,
  line: CommandLine,
  session: Session,
  run: string,
  output: Output,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const settled = new Set<Ds>();
  const started = performance.now();
  const reportDay = (day: Day, result: Outcome | { readonly error: unknown }): void => {
    if (settled.has(day.ds)) return;
    settled.add(day.ds);
    const seconds = Math.round(performance.now() - started) / 1_000;
    const head = { job: session.job.name, ds: day.ds, run };
    if (!('error' in result)) {
      output.write(`${JSON.stringify({ ...head, ...result, seconds, exit: 0 })}\n`);
      return;
    }
    const failure = session.signal.aborted
      ? asFailure(session.signal.reason)
      : asFailure(result.error);
    failures.push(failure);
    report(day.log, failure, output.stack);
    const { kind, message, action, exit } = failure;
    output.write(
      `${JSON.stringify({ ...head, status: 'failed', kind, message, action, seconds, exit })}\n`,
    );
  };
  const batches = divide(line.days, open.runBatch?.size ?? 1).map((batch) =>
    batch.map((ds): Day => ({ ds, run, log: session.log.child({ ds, run }) })),
  );
  const work = async (days: readonly Day[]): Promise<void> => {
    try {
      session.signal.throwIfAborted();
      await runBatch(open, days, reportDay);
    } catch (error) {
      for (const day of days) reportDay(day, { error });
    }
  };
  await mapConcurrently(line.parallel, batches, work);
  return failures;
}

async function runBatch(
  open: OpenJob,
  days: readonly Day[],
  reportDay: (day: Day, result: Outcome | { readonly error: unknown }) => void,
): Promise<void> {
  if (open.runBatch !== undefined) {
    const byDs = new Map(days.map((day) => [day.ds, day]));
    await open.runBatch.run(days, (ds, result) => {
      const day = byDs.get(ds);
      if (day !== undefined) reportDay(day, result);
    });
    for (const day of days)
      reportDay(day, { error: new Error('the batch ended without a result for this day') });
  } else if (open.runDay !== undefined) {
    for (const day of days) reportDay(day, await open.runDay(day));
  }
}

function report(log: Log, failure: Failure, stack: boolean): void {
  const cause = failure.cause instanceof Error ? failure.cause : failure;
  log.error(
    { kind: failure.kind, action: failure.action, ...(stack ? { stack: cause.stack } : {}) },
    failure.message,
  );
}

function divide<T>(items: readonly T[], size: number): readonly T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

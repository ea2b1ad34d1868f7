/** Processes the days of a process and reports each of them once: a summary line, and a record. */
import { mapConcurrently } from '../concurrency.ts';
import { type Ds, daysBefore } from '../ds.ts';
import { asFailure, type Failure } from '../failure.ts';
import type { CommandLine } from './command-line.ts';
import { DayNotes, type DayRecord, messageWithoutValues } from './day-record.ts';
import type { Day, OpenJob, Outcome, Session } from './job.ts';
import type { Log } from './log.ts';

export interface Output {
  readonly write: (line: string) => void;
  /** Whether the log shows stack traces. */
  readonly stack: boolean;
}

export interface SettledDays {
  /** Those that decide the exit code. */
  readonly failures: readonly Failure[];
  readonly records: readonly DayRecord[];
}

type Result = Outcome | { readonly error: unknown };

interface StartedDay extends Day {
  readonly record: DayNotes;
  readonly startedAt: Date;
}

export async function runDays(
  open: OpenJob,
  line: CommandLine,
  session: Session,
  run: string,
  output: Output,
): Promise<SettledDays> {
  const failures: Failure[] = [];
  const records: DayRecord[] = [];
  const settled = new Set<Ds>();
  const asked = new Set(line.days);
  const started = performance.now();
  const reportDay = (day: StartedDay, result: Result): void => {
    if (settled.has(day.ds)) return;
    settled.add(day.ds);
    const seconds = Math.round(performance.now() - started) / 1_000;
    const head = { job: session.job.name, ds: day.ds, run };
    const times = { startedAt: day.startedAt.toISOString(), seconds };
    const keep = (facts: Pick<DayRecord, 'status' | 'exit'>) => {
      records.push(recordOf(day, session, { ...head, ...facts, seconds }));
    };
    if (!('error' in result)) {
      output.write(`${JSON.stringify({ ...head, ...result, ...times, exit: 0 })}\n`);
      keep({ ...result, exit: 0 });
      return;
    }
    const failure = session.signal.aborted
      ? asFailure(session.signal.reason)
      : asFailure(result.error);
    // An older day with bad data must not stop what follows the days of the command line; its record tells of it.
    if (failure.kind !== 'data' || asked.has(day.ds)) failures.push(failure);
    report(day.log, failure, output.stack);
    const { kind, message, action, exit } = failure;
    output.write(
      `${JSON.stringify({ ...head, status: 'failed', kind, message, action, ...times, exit })}\n`,
    );
    const kept = { kind, message: messageWithoutValues(failure), action };
    keep({ status: 'failed', exit, ...kept });
  };
  const begin = (ds: Ds): StartedDay => ({
    ds,
    run,
    log: session.log.child({ ds, run }),
    record: new DayNotes(),
    startedAt: session.now(),
  });
  const work = async (batch: readonly Ds[]): Promise<void> => {
    const days = batch.map(begin);
    try {
      session.signal.throwIfAborted();
      await runBatch(open, days, reportDay);
    } catch (error) {
      for (const day of days) reportDay(day, { error });
    }
  };
  const workOn = (days: readonly Ds[]) =>
    mapConcurrently(line.parallel, divide(days, open.runBatch?.size ?? 1), work);
  await workOn(line.days);
  const [first] = line.days.toSorted();
  if (open.behind !== undefined && first !== undefined && line.lookBack > 0 && !line.dryRun) {
    try {
      session.signal.throwIfAborted();
      await workOn(await open.behind(daysBefore(first, line.lookBack).map(begin)));
    } catch (error) {
      const failure = asFailure(session.signal.aborted ? session.signal.reason : error);
      failures.push(failure);
      report(session.log, failure, output.stack);
    }
  }
  return { failures, records };
}

function recordOf(
  { startedAt, record }: StartedDay,
  { job: { version }, now }: Session,
  facts: Pick<DayRecord, 'job' | 'ds' | 'run' | 'status' | 'exit' | 'seconds'>,
): DayRecord {
  return {
    ...record.facts,
    ...facts,
    version,
    startedAt: startedAt.toISOString(),
    finishedAt: now().toISOString(),
    phases: record.phases,
  };
}

async function runBatch(
  open: OpenJob,
  days: readonly StartedDay[],
  reportDay: (day: StartedDay, result: Result) => void,
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

export function report(log: Log, failure: Failure, stack: boolean): void {
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

/**
 * What a collector gets of a job: a span for the process, one for each of its days, one for each phase of a day, and
 * the metrics of the job. Of the records, only identifiers, counts and names go out. Pure.
 */
import { endOfDay, parseDs } from '../../ds.ts';
import { mostSevereExit } from '../../failure.ts';
import type { DayRecord, Facts, Phase } from '../day-record.ts';
import type { Attributes, Metric, Span } from './otlp.ts';
import type { ProcessReport } from './telemetry.ts';
import { newSpanId } from './trace-context.ts';

/** The facts of a day or a phase that become attributes. */
const attributeNames = {
  audit: 'pipeline.audit',
  bytes: 'pipeline.bytes',
  generation: 'pipeline.generation',
  publishedRun: 'pipeline.published_run',
  rejected: 'pipeline.rejected',
  rows: 'pipeline.rows',
  key: 'aws.s3.key',
  clusterId: 'pipeline.emr.cluster_id',
  stepId: 'pipeline.emr.step_id',
  applicationId: 'pipeline.spark.application_id',
  statementId: 'pipeline.redshift.statement_id',
  queryId: 'pipeline.redshift.query_id',
} as const;

/** The results that wrote rows; a day that is unchanged tells of rows that an earlier run has written. */
const written: readonly DayRecord['status'][] = ['published', 'loaded'];

/**
 * `start` and `end` of the process, in milliseconds since 1970; `parentSpanId` is the caller's.
 * The records are those of one process, at least one.
 */
export function jobReport(
  records: readonly DayRecord[],
  {
    start,
    end,
    parentSpanId,
  }: Pick<ProcessReport, 'start' | 'end'> & {
    readonly parentSpanId?: string | undefined;
  },
): ProcessReport {
  const [first] = records;
  const exit = mostSevereExit(records.map((record) => record.exit));
  const ofProcess: Span = {
    name: first?.job ?? '',
    spanId: newSpanId(),
    parentSpanId,
    start,
    end,
    attributes: {
      'pipeline.run': first?.run,
      'pipeline.days': records.length,
      'process.exit.code': exit,
      ...(exit !== 0 && { 'error.type': String(exit) }),
    },
    error: exit === 0 ? undefined : tellFailed(records),
  };
  const spans = [ofProcess, ...records.flatMap((record) => spansOfDay(record, ofProcess.spanId))];
  return { start, end, spans, metrics: metricsOf(records) };
}

function tellFailed(records: readonly DayRecord[]): string {
  const failed = records.filter(({ exit }) => exit !== 0);
  return `${String(failed.length)} of ${String(records.length)} days failed`;
}

function spansOfDay(record: DayRecord, parentSpanId: string): readonly Span[] {
  const { ds, run, status, kind, message, startedAt, finishedAt, phases } = record;
  const day: Span = {
    name: 'day',
    spanId: newSpanId(),
    parentSpanId,
    start: Date.parse(startedAt),
    end: Date.parse(finishedAt),
    attributes: {
      'pipeline.ds': ds,
      'pipeline.run': run,
      'pipeline.status': status,
      'error.type': kind,
      ...attributesOf(record),
    },
    error: message,
  };
  return [day, ...phases.map((phase) => spanOfPhase(phase, day.spanId))];
}

function spanOfPhase(
  { name, startedAt, seconds, failed, facts = {} }: Phase,
  parent: string,
): Span {
  const start = Date.parse(startedAt);
  return {
    name,
    spanId: newSpanId(),
    parentSpanId: parent,
    start,
    end: start + seconds * 1_000,
    attributes: attributesOf(facts),
    error: failed === true ? 'the phase failed; its day says why' : undefined,
  };
}

function attributesOf(facts: Facts): Attributes {
  const known = Object.entries(attributeNames).map(([fact, name]) => [name, facts[fact]] as const);
  return Object.fromEntries(
    known.flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [],
    ),
  );
}

/** By job and status, never by day: each day would be a series of its own. */
function metricsOf(records: readonly DayRecord[]): readonly Metric[] {
  const done = records.filter(({ status }) => written.includes(status));
  const byStatus = [...Map.groupBy(records, ({ status }) => status)];
  const job = { 'pipeline.job': records[0]?.job };
  const sum = (fact: string) =>
    done.reduce((total, { [fact]: value }) => total + (typeof value === 'number' ? value : 0), 0);
  const lags = done
    .map(({ ds, finishedAt }) => secondsAfter(ds, finishedAt))
    // A day that is not over is published as partial.
    .filter((lag) => lag >= 0);
  const metrics: readonly Metric[] = [
    {
      name: 'pipeline.day.duration',
      description: 'Time that the work on a day took.',
      unit: 's',
      is: 'histogram',
      points: byStatus.map(([status, days]) => ({
        attributes: { ...job, 'pipeline.status': status },
        values: days.map(secondsOf),
      })),
    },
    {
      name: 'pipeline.rows',
      description: 'Rows that were published or loaded.',
      unit: '{row}',
      is: 'sum',
      points: [{ attributes: job, values: [sum('rows')] }],
    },
    {
      name: 'pipeline.bytes',
      description: 'Bytes that were published.',
      unit: 'By',
      is: 'sum',
      points: [{ attributes: job, values: [sum('bytes')] }],
    },
    {
      name: 'pipeline.lag',
      description: 'Time from the end of the newest day to its publication or load.',
      unit: 's',
      is: 'gauge',
      points: lags.length === 0 ? [] : [{ attributes: job, values: [Math.min(...lags)] }],
    },
  ];
  return metrics.filter(({ points }) => points.length > 0);
}

const secondsOf = ({ startedAt, finishedAt }: DayRecord): number =>
  (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;

const secondsAfter = (ds: string, moment: string): number =>
  (Date.parse(moment) - endOfDay(parseDs(ds)).getTime()) / 1_000;

/** The sink of the records for OpenTelemetry. Loaded only if `sendsTelemetry`. */
import type { Environment } from '../config.ts';
import type { DayRecord, RecordSink } from '../day-record.ts';
import { jobReport } from './job-report.ts';
import type { Refuse } from './settings.ts';
import { openTelemetry } from './telemetry.ts';

export interface JobTelemetry {
  /** For the records: where the spans of this process are found, if any are sent. */
  readonly facts: Pick<DayRecord, 'traceId'>;
  readonly sink: RecordSink;
}

/** @throws what `refuse` makes if a variable is wrong. */
export function jobTelemetry(
  environment: Environment,
  job: { readonly name: string; readonly version: string },
  refuse: Refuse,
): JobTelemetry {
  const { trace, traceId, send } = openTelemetry(environment, job, refuse);
  const sink: RecordSink = {
    name: 'OpenTelemetry',
    send: (records, signal) => {
      const times = { start: performance.timeOrigin, end: Date.now() };
      return send(jobReport(records, { ...times, parentSpanId: trace.parentSpanId }), signal);
    },
  };
  return { facts: traceId === undefined ? {} : { traceId }, sink };
}

/**
 * What sends the records of a process to others. It is off unless a variable is set. Its code is in separate files
 * (tools/bundle/parts.mjs), which are loaded before the work: a newer bundle may replace them meanwhile.
 */
import { lineageSink } from '../lineage/lineage-sink.ts';
import type { Environment } from '../runner/config.ts';
import type { DayRecord, RecordSink } from '../runner/day-record.ts';
import type { Session } from '../runner/job.ts';
import { refuseVariables, sendsTelemetry } from '../runner/telemetry/config.ts';

export interface Senders {
  /** For the records. */
  readonly facts: Pick<DayRecord, 'traceId'>;
  readonly sinks: readonly RecordSink[];
}

export const noSenders: Senders = { facts: {}, sinks: [] };

/** `sql` as in `Job`. @throws Failure of kind configuration if a variable of telemetry is wrong. */
export async function openSenders(
  environment: Environment,
  { job, log }: Pick<Session, 'job' | 'log'>,
  sql?: () => Promise<string>,
): Promise<Senders> {
  /** A file that is missing or cannot be read costs a line of the log. */
  const load = async <T>(name: string, code: Promise<T>): Promise<T | undefined> => {
    try {
      return await code;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`nothing is sent to ${name}, because its code cannot be loaded: ${why}`);
      return undefined;
    }
  };
  const [lineage, code] = await Promise.all([
    load('OPENLINEAGE_URL', lineageSink(environment, log, sql)),
    sendsTelemetry(environment)
      ? load('OpenTelemetry', import('../runner/telemetry/job-telemetry.ts'))
      : undefined,
  ]);
  const telemetry = code?.jobTelemetry(environment, job, refuseVariables);
  return {
    facts: telemetry?.facts ?? {},
    sinks: [telemetry?.sink, lineage].filter((sink) => sink !== undefined),
  };
}

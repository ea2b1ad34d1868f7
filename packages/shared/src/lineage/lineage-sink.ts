/** Sends events of lineage, if OPENLINEAGE_URL is set. Small: every job loads it, and what sends only if it is used. */
import { type Environment, readConfiguration } from '../runner/config.ts';
import type { RecordSink } from '../runner/day-record.ts';
import type { Log } from '../runner/log.ts';
import { lineageVariables, sendsLineage } from './config.ts';

/** `sql` is the job's statement that makes the rows, if it has one. */
export async function lineageSink(
  environment: Environment,
  log: Log,
  sql: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<RecordSink | undefined> {
  if (!sendsLineage(environment)) return undefined;
  const { sendEvents } = await import('./send-events.ts');
  const complain = (message: string) => {
    log.warn(message);
  };
  return {
    name: 'OPENLINEAGE_URL',
    send: async (records, signal) => {
      const settings = readConfiguration(lineageVariables, environment);
      await sendEvents(records, { environment, settings, sql: await sql(), complain }, signal);
    },
  };
}

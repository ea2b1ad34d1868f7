/** Whether events of lineage are sent. Small: every job loads it, and what sends only if it is used. */
import type { Environment } from '../runner/config.ts';
import type { RecordSink } from '../runner/day-record.ts';
import type { Log } from '../runner/log.ts';
import { sendsLineage } from './config.ts';

/** `sql` is the job's statement that makes the rows, if it has one. */
export const lineageSinks = (
  environment: Environment,
  log: Log,
  sql: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): readonly RecordSink[] =>
  sendsLineage(environment)
    ? [
        {
          name: 'OPENLINEAGE_URL',
          send: async (records, signal) => {
            const { sendEvents } = await import('./send-events.ts');
            const complain = (message: string) => {
              log.warn(message);
            };
            await sendEvents(records, { environment, sql: await sql(), complain }, signal);
          },
        },
      ]
    : [];

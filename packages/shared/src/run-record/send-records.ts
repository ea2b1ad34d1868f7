/** Gives the records of a process to all sinks. No sink delays the end of the process by more than the limit. */
import { withDeadline } from '../deadline.ts';
import type { DayRecord, RecordSink } from '../runner/day-record.ts';
import type { Log } from '../runner/log.ts';

/** Milliseconds for all sinks together. */
export const limit = 1_000;

/** Never rejects: a sink that fails or does not answer in time costs a line of the log. */
export async function sendRecords(
  records: readonly DayRecord[],
  sinks: readonly RecordSink[],
  log: Log,
): Promise<void> {
  if (records.length === 0) return;
  const stop = new AbortController();
  const late = () => new Error(`no answer within ${String(limit / 1_000)} s`);
  const send = async ({ name, send }: RecordSink) => {
    try {
      await withDeadline(limit, late, async () => {
        await send(records, stop.signal);
      });
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(
        `the record of this run could not be sent to ${name}: ${why}; the work is unaffected`,
      );
      return false;
    }
  };
  const sent = await Promise.all(sinks.map(send));
  // A sink that was late still has a request open.
  if (sent.includes(false)) stop.abort();
}

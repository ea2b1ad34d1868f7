/** Which Spark application cleaned a day, as far as the run records know. */
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import * as z from 'zod';

/** What emr-clean notes on a day; a record of another release may have less. */
const noted = z.object({
  clusterId: z.string(),
  /** EMR tells it only of a failed step. */
  applicationId: z.string().optional().catch(undefined),
  steps: z
    .array(z.object({ name: z.string(), id: z.string() }))
    .optional()
    .catch(undefined),
});

export interface RecordedApplication {
  readonly run: string;
  readonly clusterId: string;
  readonly applicationId?: string | undefined;
  /** The step that ran Spark; undefined if the run did not come so far. */
  readonly stepId?: string | undefined;
}

/** The newest application of the day; undefined if none of the records names a cluster. `records`: the newest last. */
export function recordedApplication(
  records: readonly DayRecord[],
  ds: string,
): RecordedApplication | undefined {
  // A day that was up to date has a record without a cluster.
  for (const record of records.toReversed()) {
    if (record.job !== 'emr-clean' || record.ds !== ds) continue;
    const { data } = noted.safeParse(record);
    if (data === undefined) continue;
    const { clusterId, applicationId, steps } = data;
    const step = steps?.findLast(({ name }) => name.endsWith('/2-clean'));
    return { run: record.run, clusterId, applicationId, stepId: step?.id };
  }
  return undefined;
}

/** The report that the Spark script writes for each day, and the rules that it must meet. */
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';

const count = z.int().nonnegative();

const report = z.object({
  version: z.literal(1),
  ds: z.string(),
  run: z.string(),
  read: count,
  accepted: count,
  positive: count,
  rejected: z.record(z.string(), count),
  /** False if the script wrote no Parquet because too many lines were rejected. */
  written: z.boolean(),
});

export type Report = z.infer<typeof report>;

export const reportName = '_report.json';

export function parseReport(text: string, uri: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure('data', `${uri} is not JSON; expected the report of the Spark script`, {
      cause,
    });
  }
  const result = report.safeParse(value);
  if (result.success) return result.data;
  throw new Failure('data', `${uri} is not a report: ${z.prettifyError(result.error)}`);
}

export interface Expectation {
  readonly ds: string;
  readonly run: string;
  /** Number of reviews that stage-reviews staged. */
  readonly rows: number;
  readonly maxRejected: number;
  /** Address of the folder with the rejected lines. */
  readonly rejects: string;
}

const describeRejected = (rejected: Report['rejected']): string =>
  Object.entries(rejected)
    .filter(([, lines]) => lines > 0)
    .map(([reason, lines]) => `${reason} ${String(lines)}`)
    .join(', ');

/** Throws a data failure unless every staged review is accounted for and few enough were rejected. */
export function validateReport(found: Report, expected: Expectation): void {
  const { ds, run, rows, maxRejected, rejects } = expected;
  if (found.ds !== ds || found.run !== run) {
    throw new Failure(
      'data',
      `the report of ${ds}, run ${run}, describes ${found.ds}, run ${found.run}`,
    );
  }
  const rejected = Object.values(found.rejected).reduce((sum, lines) => sum + lines, 0);
  if (found.read !== rows) {
    throw new Failure(
      'data',
      `Spark read ${String(found.read)} reviews of ${ds}, but ${String(rows)} were staged; expected the same number`,
    );
  }
  if (found.accepted + rejected !== found.read || found.positive > found.accepted) {
    throw new Failure(
      'data',
      `the report of ${ds} does not add up: read ${String(found.read)}, accepted ${String(found.accepted)}, rejected ${String(rejected)}, positive ${String(found.positive)}`,
    );
  }
  // The Spark script divides, too. A product would round: 0.29 * 100 is below 29.
  if (!found.written || rejected / found.read > maxRejected) {
    throw new Failure(
      'data',
      `${String(rejected)} of ${String(found.read)} reviews of ${ds} were rejected (${describeRejected(found.rejected)}); MAX_REJECTED_REVIEWS allows a share of ${String(maxRejected)}`,
      {
        action: `check the lines under ${rejects}; correct the file or raise MAX_REJECTED_REVIEWS (for some days: a rule of maxRejectedReviews), then run the day again`,
      },
    );
  }
}

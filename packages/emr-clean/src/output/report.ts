/** The report that the Spark script writes for each day, and what it means. */
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
  /** False when the script held the day back for its rejects. */
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
  throw new Failure('data', `${uri} is no report: ${z.prettifyError(result.error)}`);
}

export interface Expectation {
  readonly ds: string;
  readonly run: string;
  /** Reviews that stage-reviews counted. */
  readonly rows: number;
  readonly maxRejected: number;
  /** Where the rejected lines lie. */
  readonly rejects: string;
}

const inWords = (rejected: Report['rejected']): string =>
  Object.entries(rejected)
    .filter(([, lines]) => lines > 0)
    .map(([reason, lines]) => `${reason} ${String(lines)}`)
    .join(', ');

/** Throws a data failure unless every review that was staged is accounted for and few enough were rejected. */
export function judgeReport(found: Report, expected: Expectation): void {
  const { ds, run, rows, maxRejected, rejects } = expected;
  if (found.ds !== ds || found.run !== run) {
    throw new Failure(
      'data',
      `the report of ${ds}, run ${run}, is about ${found.ds}, run ${found.run}`,
    );
  }
  const rejected = Object.values(found.rejected).reduce((sum, lines) => sum + lines, 0);
  if (found.read !== rows) {
    throw new Failure(
      'data',
      `Spark read ${String(found.read)} reviews of ${ds}, ${String(rows)} were staged; expected the same`,
    );
  }
  if (found.accepted + rejected !== found.read || found.positive > found.accepted) {
    throw new Failure(
      'data',
      `the report of ${ds} does not add up: read ${String(found.read)}, accepted ${String(found.accepted)}, rejected ${String(rejected)}, positive ${String(found.positive)}`,
    );
  }
  if (!found.written || rejected > maxRejected * found.read) {
    throw new Failure(
      'data',
      `${String(rejected)} of ${String(found.read)} reviews of ${ds} were rejected (${inWords(found.rejected)}); at most a share of ${String(maxRejected)} may be`,
      {
        action: `look at the lines under ${rejects}; correct the file, or raise MAX_REJECTED_REVIEWS, and run the day again`,
      },
    );
  }
}

/** Whether a day has failed and nobody has mended it since; pure. */
import { failureKinds, type FailureKindName } from '@user-behaviour/shared/failure';
import { isDataset, pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { DayFacts } from './day-facts.ts';
import { loadTime } from './ledger.ts';

/**
 * The failure of the earliest stage whose newest record says that it failed in a way that no retry can help (65, 70,
 * 78), and which has published or loaded nothing since. A failure that a retry can help is the scheduler's business:
 * the day is then missing, incomplete or stale, as before. So is a wrong command line.
 *
 * @param records those of this day, newest last.
 */
export const failureOf = (
  facts: Pick<DayFacts, 'published' | 'ledger'>,
  records: readonly DayRecord[],
): DayRecord | undefined =>
  pipeline
    .map((stage) => {
      const newest = records.findLast(({ job }) => job === stage.name);
      if (newest?.kind === undefined || !lasts(newest.kind)) return undefined;
      const doneAt = resultTime(stage, facts);
      return doneAt === undefined || doneAt <= Date.parse(newest.finishedAt) ? newest : undefined;
    })
    .find((failure) => failure !== undefined);

/** What the run says of its failure, with the audit that has failed. */
export const failureText = ({
  message = '',
  audit,
}: Pick<DayRecord, 'message' | 'audit'>): string =>
  audit === undefined || message.includes(audit) ? message : `audit ${audit}: ${message}`;

const lasts = (kind: FailureKindName): boolean =>
  failureKinds[kind].retry === 'never' && kind !== 'usage';

/** When the stage's present result was made, in milliseconds. The record of its run may be lost. */
function resultTime(
  { writes }: Stage,
  { published, ledger }: Pick<DayFacts, 'published' | 'ledger'>,
): number | undefined {
  if (isDataset(writes)) {
    const found = published.get(writes);
    return found && Date.parse(found.manifest.finishedAt);
  }
  return ledger && loadTime(ledger)?.getTime();
}

/** A day whose rows were read before it was over lacks those that came later, and is redone once it is over. */
import { type Ds, endOfDay } from '../ds.ts';
import { type Dataset, producerOf, type Stage } from '../pipeline.ts';

/** What a manifest, or the draft of one, says about its run. */
export interface Reading {
  readonly dataset: Dataset;
  readonly ds: Ds;
  readonly startedAt: Date | string;
  readonly completeUntil?: Date | string | undefined;
}

/**
 * Until when the day is complete; undefined if it is complete. Only a table can still grow: a file is delivered
 * as a whole. Earlier releases wrote no `completeUntil`; then the start of the run counts.
 */
export function partialUntil({ dataset, ds, startedAt, completeUntil }: Reading): Date | undefined {
  const { source }: Stage = producerOf(dataset);
  if (source === undefined || source.delivered) return undefined;
  const until = new Date(completeUntil ?? startedAt);
  return until < endOfDay(ds) ? until : undefined;
}

/** Says what a day is that has not ended; undefined if it is over. `now` is by the clock of S3. */
export function whyNotOver(ds: Ds, now: Date): string | undefined {
  if (now >= endOfDay(ds)) return undefined;
  return now < new Date(ds) ? 'the day has not begun' : 'the day is not over';
}

/** Compares days of the source with what is published, in one scan, and changes nothing. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Ds } from '@user-behaviour/shared/ds';
import { asFailure, type Failure } from '@user-behaviour/shared/failure';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { SourceDigest, SourceVerdict } from '@user-behaviour/shared/manifest/source-state';
import { partialUntil, whyNotOver } from '@user-behaviour/shared/manifest/partial-day';
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Outcome } from '@user-behaviour/shared/runner/job';
import type { Log } from '@user-behaviour/shared/runner/log';
import type { Source } from './source/pool.ts';

const { writes: dataset } = stageOf('extract-purchases');

/** Manifests that are read at a time. */
const readers = 16;

export interface LookedDay {
  readonly ds: Ds;
  readonly verdict: SourceVerdict;
  /** At the source now. */
  readonly digest: SourceDigest;
  /** Undefined if nothing is published, or no digest is known. */
  readonly published: SourceDigest | undefined;
  /** Whether the day is over, and was read before. */
  readonly isUnfinished: boolean;
}

/** A day, or why it could not be looked at. */
export type Looked = LookedDay | { readonly ds: Ds; readonly failure: Failure };

export interface LookOptions {
  readonly source: Pick<Source, 'digests'>;
  readonly store: Pick<ManifestStore, 'read'>;
  /** By the clock of S3. */
  readonly now: () => Date;
}

/**
 * Looks at neighbouring days. The manifests are read first, so that a publication in the meantime makes a day
 * `changed` at worst. A day with an unreadable manifest has the failure instead.
 * @throws as `Source.digests`; transient if S3 is in trouble.
 */
export async function lookAtDays(
  days: readonly Ds[],
  { source, store, now }: LookOptions,
): Promise<readonly Looked[]> {
  const sorted = days.toSorted();
  const published = new Map<Ds, Published | undefined | Failure>();
  await mapConcurrently(readers, days, async (ds) => {
    published.set(ds, await store.read(dataset, ds).catch(dataFailure));
  });
  // A replica must have replayed the last day that is over.
  const moment = now();
  const over = sorted.findLast((ds) => whyNotOver(ds, moment) === undefined);
  const [first, ...others] = sorted.map((ds) => ({
    ds,
    minQuantity: minQuantityOf(published.get(ds)),
  }));
  if (first === undefined) return [];
  const digestOf = await source.digests([first, ...others], over);
  return days.map((ds) => {
    const found = published.get(ds);
    if (found !== undefined && !('manifest' in found)) return { ds, failure: found };
    const digest = digestOf(ds);
    const known = found?.manifest.source?.digest;
    const verdict = found === undefined ? 'missing' : compare(digest, known);
    const isUnfinished =
      found !== undefined &&
      partialUntil(found.manifest) !== undefined &&
      whyNotOver(ds, moment) === undefined;
    return { ds, verdict, digest, published: known, isUnfinished };
  });
}

/** As the day was extracted. Without it, there is no digest to compare. */
function minQuantityOf(found: Published | undefined | Failure): number {
  const given =
    found !== undefined && 'manifest' in found && found.manifest.parameters['minQuantity'];
  return Number.isInteger(given) ? Number(given) : 0;
}

function dataFailure(error: unknown): Failure {
  const failure = asFailure(error);
  if (failure.kind === 'data') return failure;
  throw error;
}

function compare(digest: SourceDigest, known: SourceDigest | undefined): SourceVerdict {
  if (known === undefined) return 'unknown';
  const [algorithm, sum] = digest.hash.split(':');
  const [knownAlgorithm, knownSum] = known.hash.split(':');
  // Another number of rows is a change, however they were hashed.
  if (digest.rows !== known.rows) return 'changed';
  if (algorithm !== knownAlgorithm) return 'unknown';
  return sum === knownSum ? 'same' : 'changed';
}

/** As the summary line of the day: `rows` and `hash` are those of the source. */
export function tellLook(day: Looked): Outcome | { readonly error: unknown } {
  if ('failure' in day) return { error: day.failure };
  const { verdict, digest, published } = day;
  return { status: 'looked', verdict, ...digest, ...(published !== undefined && { published }) };
}

/** The published days that must be read again. One that cannot be looked at is left, with a warning. */
export const daysToExtract = (days: readonly Looked[], log: Log): readonly Ds[] =>
  days.flatMap((day) => {
    if ('failure' in day) {
      log.warn({ ds: day.ds }, `cannot look back at the day: ${day.failure.message}`);
      return [];
    }
    const { ds, verdict, isUnfinished } = day;
    const why = isUnfinished ? reasons.unfinished : reasons[verdict];
    if (why === undefined) return [];
    log.info({ ds, verdict }, why);
    return [ds];
  });

const reasons = {
  changed: 'the day has changed at the source since it was published; extracting it again',
  unknown: 'the published day has no digest to compare; extracting it again',
  unfinished: 'the day was read before it was over; extracting it again',
  same: undefined,
  missing: undefined,
} as const satisfies Record<SourceVerdict | 'unfinished', string | undefined>;

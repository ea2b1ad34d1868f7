/** The pointer after a run: the days of the last one, with what has been read since. */
import {
  type ChangesHead,
  isIncluded,
  type TouchedDay,
} from '@user-behaviour/shared/changes/changes-head';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { SourceFacts } from '../source/facts.ts';
import { formatPosition } from '../stream/position.ts';
import type { Part } from './drain.ts';
import { together } from './touched-days.ts';

const { writes: dataset } = stageOf('extract-purchases');

/** Manifests that are read at once. */
const readers = 16;

/**
 * A day that was extracted since its entry was written begins anew: its sums are those of the changes that the
 * published rows may lack, so that they can be added to the published row hash. All that was committed before `until`
 * is in it then; null if that is not known to be later than before.
 */
export async function nextHead(
  head: ChangesHead,
  { position, touched, undated }: Omit<Part, 'changes'>,
  until: string | null,
  manifests: Pick<ManifestStore, 'read'>,
): Promise<ChangesHead> {
  const days: Record<Ds, TouchedDay> = { ...head.days };
  await mapConcurrently(readers, [...touched], async ([ds, added]) => {
    const known = head.days[ds];
    if (known === undefined) days[ds] = added;
    else {
      const both = together(known, added);
      const isNew = await isPublished(known, ds, manifests, head);
      days[ds] = isNew ? { ...added, last: both.last } : both;
    }
  });
  return {
    ...head,
    position: formatPosition(position),
    at: until !== null && until > head.at ? until : head.at,
    days: Object.fromEntries(Object.entries(days).sort()),
    undated: head.undated + undated,
  };
}

/**
 * What a reset keeps, so that a day that was extracted again is still loaded again. Of another cluster, ids say nothing. After
 * a restore they are used again, so none is kept that is still to come. What the sums lack is not known.
 */
export function keptDays(
  previous: Pick<ChangesHead, 'source' | 'days'> | undefined,
  { system, next_xid }: Pick<SourceFacts, 'system' | 'next_xid'>,
): ChangesHead['days'] {
  if (previous?.source.systemIdentifier !== system.systemid) return {};
  const highest = BigInt(next_xid) - 1n;
  return Object.fromEntries(
    Object.entries(previous.days).map(([ds, { last, uncounted, ...day }]) => [
      ds,
      {
        ...day,
        last: String(BigInt(last) < highest ? last : highest),
        uncounted: uncounted + 1,
      },
    ]),
  );
}

async function isPublished(
  day: TouchedDay,
  ds: Ds,
  manifests: Pick<ManifestStore, 'read'>,
  { source }: ChangesHead,
): Promise<boolean> {
  try {
    const { xmin, systemIdentifier } = (await manifests.read(dataset, ds))?.manifest.source ?? {};
    return (
      xmin !== undefined && systemIdentifier === source.systemIdentifier && isIncluded(day, xmin)
    );
  } catch (error) {
    // A manifest that cannot be read is another command's trouble: the sums go on.
    if (error instanceof Failure && error.kind === 'data') return false;
    throw error;
  }
}

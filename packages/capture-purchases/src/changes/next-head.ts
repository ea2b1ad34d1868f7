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
    days[ds] =
      known === undefined || (await isPublished(known, ds, manifests, head))
        ? added
        : together(known, added);
  });
  return {
    ...head,
    position: formatPosition(position),
    at: until !== null && until > head.at ? until : head.at,
    days: Object.fromEntries(Object.entries(days).sort()),
    undated: head.undated + undated,
  };
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

/** What a job concludes from a manifest, before and after its own work. */
import { Failure } from '../failure.ts';
import { sameParameters } from './provenance.ts';
import type { Manifest } from './manifest.ts';
import type { Published } from './manifest-store.ts';

/**
 * True when this very run has been published before, as a retry under the same --run-id finds it:
 * its files must not be touched again (I1). With other parameters the run's name is taken.
 */
export function alreadyPublished(
  seen: Published | undefined,
  run: string,
  parameters: Manifest['parameters'],
): seen is Published {
  if (seen?.manifest.run !== run) return false;
  if (sameParameters(seen.manifest.parameters, parameters)) return true;
  throw new Failure(
    'usage',
    `run ${run} of ${seen.manifest.ds} is published already, with other parameters`,
    { action: 'choose another --run-id, or none' },
  );
}

export interface PublicationFacts {
  /** The run whose files the manifest names; another one than this attempt's when nothing moved. */
  readonly publishedRun: string;
  readonly generation: number;
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
}

/** The facts of a manifest for the summary line. */
export function publicationFacts({ manifest }: Published): PublicationFacts {
  const { rows, rejected, bytes } = manifest.totals;
  return {
    publishedRun: manifest.run,
    generation: manifest.generation,
    rows,
    rejected,
    bytes,
  };
}

const sentences = {
  published: 'published',
  unchanged: 'nothing has changed since it was published',
  superseded: 'another run was published meanwhile; its result stands',
} as const;

/** One sentence for the log. */
export function describePublication(
  status: keyof typeof sentences,
  what: string,
  rows: number,
): string {
  return `${rows === 0 ? `no ${what} that day` : `${String(rows)} ${what}`}: ${sentences[status]}`;
}

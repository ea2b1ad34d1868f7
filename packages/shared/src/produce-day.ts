/**
 * How a job publishes a day in the bucket, once for all jobs: read the pointer, produce the files of a
 * new run, move the pointer, and remove the run again where it was not needed.
 */
import { Failure } from './failure.ts';
import { type Dataset, producerOf } from './pipeline.ts';
import type { ManifestFile, Upstream } from './manifest/manifest.ts';
import type { ManifestStore, Publication, Published } from './manifest/manifest-store.ts';
import { type Parameters, sameParameters, whyStale } from './manifest/staleness.ts';
import type { Day, Outcome, Session } from './runner/job.ts';

/** The files of one run, ready to be published. */
export interface Product {
  readonly files: readonly ManifestFile[];
  readonly upstream?: readonly Upstream[];
  /** Rejected rows by reason. */
  readonly rejected?: Readonly<Record<string, number>>;
}

export interface Target {
  readonly store: ManifestStore;
  readonly session: Session;
  readonly dataset: Dataset;
  /** What shapes the data besides its input. */
  readonly parameters: Parameters;
  /** What the day is made from. Where it is given, a day that is current is not produced again. */
  readonly upstream?: readonly Published[];
  /** Removes the files of this run. */
  readonly discard: (files: readonly ManifestFile[]) => Promise<void>;
}

/**
 * Produces and publishes one day. A retry under the same --run-id that finds itself published changes
 * nothing (I1). `produce` must leave nothing behind when it fails.
 *
 * @throws Failure of kind usage when the run's name is taken by a publication with other parameters.
 */
export async function produceDay(
  day: Day,
  target: Target,
  produce: () => Promise<Product>,
): Promise<Outcome> {
  const { store, dataset, parameters, session } = target;
  const seen = await store.read(dataset, day.ds);
  if (seen?.manifest.run === day.run) {
    requireSameParameters(seen, parameters);
    return logOutcome(day, { ...seen, status: 'unchanged' });
  }
  if (seen !== undefined && (await isCurrent(seen, target))) {
    return logOutcome(day, { ...seen, status: 'unchanged' });
  }
  const startedAt = session.now();
  return publishProduct(day, target, { product: await produce(), seen, startedAt });
}

async function isCurrent(
  { manifest }: Published,
  { store, upstream, parameters }: Target,
): Promise<boolean> {
  if (upstream === undefined || whyStale(manifest, { upstream, parameters }) !== undefined) {
    return false;
  }
  return store.filesStand(manifest);
}

export interface Production {
  readonly product: Product;
  /** What was published when the run began. */
  readonly seen: Published | undefined;
  readonly startedAt: Date;
}

/**
 * Publishes what a run produced. Equal content moves nothing, and another run that was published in the
 * meantime keeps the pointer (I2): then this run's files are removed.
 */
export async function publishProduct(
  day: Day,
  { store, dataset, parameters, session, discard }: Target,
  { product, seen, startedAt }: Production,
): Promise<Outcome> {
  const publication = await store.publish(
    {
      dataset,
      ds: day.ds,
      run: day.run,
      job: session.job,
      parameters,
      upstream: [],
      ...product,
      startedAt,
      finishedAt: session.now(),
    },
    seen,
  );
  if (publication.status !== 'published') await discard(product.files);
  return logOutcome(day, publication);
}

function requireSameParameters({ manifest }: Published, parameters: Parameters): void {
  if (sameParameters(manifest.parameters, parameters)) return;
  throw new Failure(
    'usage',
    `run ${manifest.run} of ${manifest.ds} is published already, with other parameters`,
    { action: 'choose another --run-id, or omit it' },
  );
}

const sentences = {
  published: 'published',
  unchanged: 'nothing has changed since it was published',
  superseded: 'another run was published in the meantime; its result is kept',
} as const;

/** Logs what became of the day; returns its outcome with the facts of the manifest that is published. */
export function logOutcome(day: Day, { manifest, status }: Publication): Outcome {
  const { totals, run: publishedRun, generation } = manifest;
  const { rows, rejected, bytes } = totals;
  const facts = { publishedRun, generation, rows, rejected, bytes };
  const what = producerOf(manifest.dataset).rows;
  const count = rows === 0 ? `no ${what} on this day` : `${String(rows)} ${what}`;
  day.log.info(facts, `${count}: ${sentences[status]}`);
  return { status, ...facts };
}

/**
 * How every job publishes a day in the bucket: read the pointer, produce the files of a new run, move the
 * pointer, and remove the files if the run was not published. A run that loses the race for the pointer to
 * other content starts over: its own may be newer, or have other parameters.
 */
import { Failure } from './failure.ts';
import { type Dataset, producerOf } from './pipeline.ts';
import type { ManifestFile, Upstream } from './manifest/manifest.ts';
import type { ManifestStore, Publication, Published } from './manifest/manifest-store.ts';
import type { SourceState } from './manifest/source-state.ts';
import { type Parameters, sameParameters, whyStale } from './manifest/staleness.ts';
import type { Day, Outcome, Session } from './runner/job.ts';

/** What one run produced. */
export interface Product {
  readonly files: readonly ManifestFile[];
  readonly upstream?: readonly Upstream[];
  /** Rejected rows by reason. */
  readonly rejected?: Readonly<Record<string, number>>;
  /** Purchases that `minQuantity` leaves out; undefined if they were not counted. */
  readonly belowQuantity?: number | undefined;
  /** When the work began, if `produce` waited for its input first. */
  readonly startedAt?: Date;
  /** If the day was not over when its source was read: until when it is complete. */
  readonly completeUntil?: Date | undefined;
  /** The state of the source that the rows are from. */
  readonly source?: SourceState | undefined;
}

export interface Target {
  readonly store: ManifestStore;
  readonly session: Session;
  readonly dataset: Dataset;
  /** The settings that shape the data. */
  readonly parameters: Parameters;
  /** If set, a day that was made from exactly this, with the same parameters, is current whatever its bytes. */
  readonly upstream?: readonly Published[];
  /** Removes the files of this run. */
  readonly discard: (files: readonly ManifestFile[]) => Promise<void>;
  /** The stage's own facts of a day with this result, for its log line and its outcome. */
  readonly facts?: (status: Publication['status']) => Facts;
}

type Facts = Readonly<Record<string, unknown>>;

/** How often a run tries to publish a day before it leaves the day to a later attempt. */
const rounds = 3;

/**
 * Produces and publishes one day. A retry whose run is already published changes nothing (I1), also with --force,
 * which otherwise publishes a day whose content has not changed. If `produce` fails, `sweep` removes the files that it
 * leaves, because they are not published.
 *
 * @throws Failure of kind usage if the run was published with other parameters; transient if other runs
 * published other content in each round.
 */
export async function produceDay(
  day: Day,
  target: Target,
  produce: () => Promise<Product>,
): Promise<Outcome> {
  day.record.note({ parameters: target.parameters });
  for (let round = 1; ; round += 1) {
    const outcome = await produceOnce(day, target, produce);
    if (outcome !== undefined) return outcome;
    if (round === rounds) throw lostRace(day, target);
    target.session.signal.throwIfAborted();
    day.log.info('another run published other content in the meantime; starting over');
  }
}

/** Returns undefined if another run published other content in the meantime. */
async function produceOnce(
  day: Day,
  target: Target,
  produce: () => Promise<Product>,
): Promise<Outcome | undefined> {
  const { store, dataset, parameters, session, facts } = target;
  const previous = await store.read(dataset, day.ds);
  if (previous?.manifest.run === day.run) {
    requireSameParameters(previous, parameters);
    return logOutcome(day, { ...previous, status: 'unchanged' }, facts);
  }
  if (previous !== undefined && !session.force && (await isCurrent(previous, target))) {
    return logOutcome(day, { ...previous, status: 'unchanged' }, facts);
  }
  const calledAt = session.now();
  const product = await produce();
  const startedAt = product.startedAt ?? calledAt;
  return day.record.phase('publish', () =>
    tryPublish(day, target, { product, previous, startedAt }),
  );
}

async function isCurrent(
  { manifest }: Published,
  { store, upstream, parameters }: Target,
): Promise<boolean> {
  if (upstream === undefined || whyStale(manifest, { upstream, parameters }) !== undefined) {
    return false;
  }
  return store.filesExist(manifest);
}

export interface Production {
  readonly product: Product;
  /** What was published when the run started. */
  readonly previous: Published | undefined;
  readonly startedAt: Date;
}

/**
 * Publishes what a run produced. The run's files are removed if their content equals the published one or
 * if another run was published in the meantime (I2).
 * @throws a transient failure if that run's result is not what this run would publish.
 */
export async function publishProduct(
  day: Day,
  target: Target,
  production: Production,
): Promise<Outcome> {
  const outcome = await tryPublish(day, target, production);
  if (outcome === undefined) throw lostRace(day, target);
  return outcome;
}

async function tryPublish(
  day: Day,
  target: Target,
  { product, previous, startedAt }: Production,
): Promise<Outcome | undefined> {
  const { store, dataset, parameters, session, discard, facts } = target;
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
    previous,
    session.force,
  );
  if (publication.status !== 'published') await discard(product.files);
  const isLost = publication.status === 'superseded' && !(await isCurrent(publication, target));
  return isLost ? undefined : logOutcome(day, publication, facts);
}

const lostRace = ({ ds, run }: Day, { dataset }: Target): Failure =>
  new Failure(
    'transient',
    `run ${run} of ${dataset} of ${ds} was not published, because another run published other content in the meantime`,
    { action: 'let the other run end, then run the day again' },
  );

function requireSameParameters({ manifest }: Published, parameters: Parameters): void {
  if (sameParameters(manifest.parameters, parameters)) return;
  throw new Failure(
    'usage',
    `run ${manifest.run} of ${manifest.ds} was already published with other parameters`,
    { action: 'choose another --run-id, or omit it' },
  );
}

const results = {
  published: 'published',
  unchanged: 'nothing has changed since it was published',
  superseded: 'another run has published the same day from the same input; its result is kept',
} as const;

/** Logs the result and returns it, with the facts of the published manifest and the stage's own. */
export function logOutcome(
  day: Day,
  { manifest, status }: Publication,
  ownFacts: Target['facts'] = () => ({}),
): Outcome {
  const { totals, run: publishedRun, generation, completeUntil } = manifest;
  const { rows, rejected, bytes } = totals;
  const facts = {
    publishedRun,
    generation,
    rows,
    rejected,
    bytes,
    ...(completeUntil !== undefined && { completeUntil }),
    ...ownFacts(status),
  };
  const unit = producerOf(manifest.dataset).rows;
  const count = rows === 0 ? `no ${unit} on this day` : `${String(rows)} ${unit}`;
  day.record.note({ files: totals.files });
  day.log.info(facts, `${count}: ${results[status]}`);
  return { status, ...facts };
}

/** What the bucket and the ledger say about each day: manifests, their files and loads. */
import { join } from 'node:path';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { daysFrom, type Ds, endOfDay } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { manifestKey } from '@user-behaviour/shared/keys';
import { type Dataset, datasets, type Stage } from '@user-behaviour/shared/pipeline';
import { ManifestStore, type Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { SourceVerdict } from '@user-behaviour/shared/manifest/source-state';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { OperatorConfiguration } from '../config.ts';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Bounds, type DayFolder, takeInventory } from './inventory.ts';
import { failureOf } from './failure-of-day.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { requireLocalCloud } from '../world/world.ts';
import { type ManifestCache, openManifestCache } from './manifest-cache.ts';

export interface DayFacts {
  readonly ds: Ds;
  /** What is published of each dataset. */
  readonly published: ReadonlyMap<Dataset, Published>;
  readonly ledger: LedgerRow | undefined;
  /** Datasets with missing published files or an unreadable manifest. */
  readonly damage: ReadonlyMap<Dataset, Damage>;
  /** Whether the day is over, by the clock of S3. */
  readonly isOver: boolean;
  /** How the purchases at the source compare with what is published, where that is known. */
  readonly atSource?: SourceVerdict | undefined;
  /** Where the records of runs were read: the failure that nobody has mended yet. */
  readonly failure?: DayRecord | undefined;
}

export type Damage = 'files are gone' | 'unreadable manifest';

/** How many manifests are read at once: as many as the SDK opens sockets. */
const readers = 48;

/**
 * The days with data between the bounds. With both bounds, also the days without. With `readRecords`, also days
 * that failed before they had data.
 */
export async function readDays(
  configuration: OperatorConfiguration,
  bounds: Bounds,
  readRecords: (where: Bucket) => Promise<readonly DayRecord[]> = () => Promise.resolve([]),
): Promise<DayFacts[]> {
  await requireLocalCloud(configuration);
  const s3 = createS3Client(configuration);
  try {
    const { now } = new ServerClock(s3, () => new Date());
    const where = { s3, bucket: configuration.PIPELINE_BUCKET };
    const [ledger, records, ...stages] = await Promise.all([
      readLedger(configuration, bounds),
      readRecords(where),
      ...datasets.map((dataset) => readStage(where, dataset, bounds, configuration)),
    ]);
    const failed = records.flatMap(({ ds, status }) => (status === 'failed' ? [ds as Ds] : []));
    const known = [...ledger.keys(), ...failed, ...stages.flatMap(({ days }) => days)];
    const { from, to } = bounds;
    const days =
      from !== undefined && to !== undefined ? daysFrom(from, to) : [...new Set(known)].sort();
    const recordsOf = Map.groupBy(records, ({ ds }) => ds);
    return days.map((ds) => {
      const facts: DayFacts = {
        ds,
        published: byDataset(stages, ({ published }) => published.get(ds)),
        ledger: ledger.get(ds),
        damage: byDataset(stages, ({ damage }) => damage.get(ds)),
        isOver: now() >= endOfDay(ds),
      };
      return { ...facts, failure: failureOf(facts, recordsOf.get(ds) ?? []) };
    });
  } finally {
    s3.destroy();
  }
}

/** What `find` returns of each dataset, without those of which it returns nothing. */
function byDataset<T>(
  stages: readonly DatasetFacts[],
  find: (stage: DatasetFacts) => T | undefined,
): ReadonlyMap<Dataset, T> {
  return new Map(
    stages.flatMap((stage) => {
      const found = find(stage);
      return found === undefined ? [] : [[stage.dataset, found] as const];
    }),
  );
}

/** What is published now of each dataset that a stage reads. */
export const upstreamOfStage = (
  { reads }: Pick<Stage, 'reads'>,
  { published }: Pick<DayFacts, 'published'>,
): readonly (Published | undefined)[] => reads.map((dataset) => published.get(dataset as Dataset));

export interface DatasetFacts {
  readonly dataset: Dataset;
  readonly days: readonly Ds[];
  readonly published: ReadonlyMap<Ds, Published>;
  readonly damage: ReadonlyMap<Ds, Damage>;
}

/** Lists a dataset and reads the manifests that the listing shows. */
async function readStage(
  where: Bucket,
  dataset: Dataset,
  bounds: Bounds,
  { AWS_ENDPOINT_URL_S3: endpoint = '' }: OperatorConfiguration,
): Promise<DatasetFacts> {
  const inventory = await takeInventory(where, dataset, bounds);
  const name = [endpoint, where.bucket, dataset].join(' ');
  return readManifests(where, dataset, inventory, await openManifestCache(cacheFolder, name));
}

/** Keeps the manifests that this workspace has read. */
const cacheFolder = join(import.meta.dirname, '../../../../.local/operator/manifests');

/** Reads the manifests that the inventory shows; the cache supplies those with the listed etag. */
export async function readManifests(
  { s3, bucket }: Bucket,
  dataset: Dataset,
  inventory: ReadonlyMap<Ds, DayFolder>,
  cache?: ManifestCache,
): Promise<DatasetFacts> {
  const store = new ManifestStore(s3, bucket);
  const published = new Map<Ds, Published>();
  const damage = new Map<Ds, Damage>();
  const listed = [...inventory].filter(([, day]) => day.manifest !== undefined);
  await mapConcurrently(readers, listed, async ([ds, day]) => {
    try {
      const known = cache?.get(manifestKey(dataset, ds), day.manifest?.etag ?? '');
      const found = known ?? (await store.read(dataset, ds));
      if (found === undefined) return;
      published.set(ds, found);
      // A manifest that moved after the listing names files that the listing cannot show.
      if (found.etag === day.manifest?.etag && !filesExist(found, day))
        damage.set(ds, 'files are gone');
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'data') throw error;
      damage.set(ds, 'unreadable manifest');
    }
  });
  const byKey = [...published].map(([ds, found]) => [manifestKey(dataset, ds), found] as const);
  await cache?.keep(new Map(byKey));
  return { dataset, days: [...inventory.keys()], published, damage };
}

/** Whether every file is there with the size in the manifest. */
function filesExist({ manifest }: Published, day: DayFolder): boolean {
  const there = new Map(
    (day.runs.get(manifest.run) ?? []).map(({ key, bytes }) => [key, bytes] as const),
  );
  return manifest.files.every(({ key, bytes }) => there.get(key) === bytes);
}

/** Every run in the bucket, and whether a table of the warehouse shows what it holds. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import {
  isRejecting,
  manifestKey,
  type RejectsFolder,
  rejectsFolders,
} from '@user-behaviour/shared/keys';
import { isHeld } from '@user-behaviour/shared/manifest/lease-record';
import { type Dataset, datasets } from '@user-behaviour/shared/pipeline';
import type { Bucket, StoredObject } from '@user-behaviour/shared/s3/list-objects';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { OperatorConfiguration } from '../config.ts';
import { type DatasetFacts, readManifests } from '../facts/day-facts.ts';
import { type Inventory, takeInventory } from '../facts/inventory.ts';
import { readLeases } from '../facts/leases.ts';
import { type LedgerRow, readLedger } from '../facts/ledger.ts';

export interface Run {
  readonly folder: Dataset | RejectsFolder;
  readonly ds: Ds;
  readonly run: string;
  readonly objects: readonly StoredObject[];
  /** Rejects are published with their run. */
  readonly isPublished: boolean;
  /** Whether an external table shows its rows, or those that were made of them. */
  readonly isShown: boolean;
  /** Whether the run holds the day's lease: it is a cleaning in progress. */
  readonly isHeld: boolean;
  /** Whether the day is loaded. */
  readonly isLoaded: boolean;
  /** Of published cleaned reviews: the run of the reviews that they were made of. */
  readonly madeOf: string | undefined;
}

interface Facts {
  readonly ledger: ReadonlyMap<Ds, LedgerRow>;
  /** What is published of the cleaned reviews. */
  readonly cleaned: DatasetFacts['published'];
  /** The runs that hold leases. */
  readonly holders: ReadonlyMap<Ds, string>;
}

/** @throws a data failure if a manifest cannot be read: nothing could be said of its day. */
export async function listRuns(
  where: Bucket,
  configuration: OperatorConfiguration,
): Promise<readonly Run[]> {
  const stages = await Promise.all(
    datasets.map(async (dataset) => {
      const inventory = await takeInventory(where, dataset, {});
      return { ...(await readManifests(where, dataset, inventory)), inventory };
    }),
  );
  stages.forEach(requireReadable);
  const clean = stages.find(({ dataset }) => dataset === 'movie_review/stage');
  const facts: Facts = {
    ledger: await readLedger(configuration, {}),
    cleaned: clean?.published ?? new Map(),
    holders: await readHolders(where, clean?.inventory ?? new Map()),
  };
  const rejected = await Promise.all(
    stages.map(async ({ dataset, published }) => {
      if (!isRejecting(dataset)) return [];
      const folder = rejectsFolders[dataset];
      return runsOf(
        folder,
        { inventory: await takeInventory(where, folder, {}), published },
        facts,
      );
    }),
  );
  return [...stages.flatMap((stage) => runsOf(stage.dataset, stage, facts)), ...rejected.flat()];
}

function requireReadable({ dataset, damage }: DatasetFacts): void {
  const [unreadable] = [...damage].find(([, what]) => what === 'unreadable manifest') ?? [];
  if (unreadable === undefined) return;
  throw new Failure('data', `the manifest of ${dataset} of ${unreadable} cannot be read`, {
    action: 'docs/runbook.md#data says what to do about it; then erase again',
  });
}

async function readHolders(where: Bucket, inventory: Inventory): Promise<Facts['holders']> {
  const { now } = new ServerClock(where.s3, () => new Date());
  const leases = await readLeases(where, inventory);
  const held = leases.filter(({ body }) => isHeld(body, now().getTime()));
  return new Map(held.map(({ ds, body }) => [ds, body.run]));
}

/** The runs that the inventory lists of a folder; pure. */
export function runsOf(
  folder: Run['folder'],
  { inventory, published }: { readonly inventory: Inventory } & Pick<DatasetFacts, 'published'>,
  facts: Facts,
): Run[] {
  return [...inventory].flatMap(([ds, { runs }]) =>
    [...runs].map(([run, objects]): Run => {
      const isPublished = published.get(ds)?.manifest.run === run;
      return {
        ...{ folder, ds, run, objects, isPublished },
        isShown: isShown({ folder, ds, run, isPublished }, facts),
        isHeld: facts.holders.get(ds) === run,
        isLoaded: facts.ledger.has(ds),
        madeOf: folder === 'movie_review/stage' && isPublished ? madeOf(ds, facts) : undefined,
      };
    }),
  );
}

type Place = Pick<Run, 'folder' | 'ds' | 'run' | 'isPublished'>;

/**
 * The reviews as delivered are shown by what was made of them, if no line was rejected: a rejected line may be nowhere
 * else. Rejects and datasets of other stages are not shown. A load moves the partitions before the ledger, so what is
 * replaced counts as not shown, even if the ledger names it.
 */
function isShown({ folder, ds, run, isPublished }: Place, facts: Facts): boolean {
  const loaded = facts.ledger.get(ds);
  if (folder === 'user_purchase/stage') return isPublished && loaded?.purchasesRun === run;
  if (folder === 'movie_review/stage') return isPublished && loaded?.reviewsRun === run;
  if (folder !== 'movie_review/load') return false;
  const cleaned = facts.cleaned.get(ds)?.manifest;
  const isWhole = cleaned?.totals.rejected === 0 && loaded?.reviewsRun === cleaned.run;
  return isWhole && madeOf(ds, facts) === run;
}

/** The run of the reviews that the published cleaned reviews were made of. */
function madeOf(ds: Ds, { cleaned }: Facts): string | undefined {
  const key = manifestKey('movie_review/load', ds);
  return cleaned.get(ds)?.manifest.upstream.find((one) => one.key === key)?.run;
}

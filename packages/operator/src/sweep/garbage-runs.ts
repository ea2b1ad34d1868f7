/** Runs of a dataset that no manifest and no load names and that are not in progress. */
import type { Ds } from '@user-behaviour/shared/ds';
import { isRejecting, rejectsFolders } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import type { DatasetFacts } from '../facts/day-facts.ts';
import type { Inventory } from '../facts/inventory.ts';
import type { LedgerRow } from '../facts/ledger.ts';
import { areOldRejects, judgeRun, type SweepAges } from './sweep-rules.ts';
import type { GarbageFolder } from './garbage.ts';

export interface ListedStage extends DatasetFacts {
  readonly inventory: Inventory;
}

/** Rejects go with their run, if not before. */
export const rejectsOf = (stage: ListedStage, rejects: Inventory): ListedStage => ({
  ...stage,
  inventory: new Map(
    [...rejects].map(([ds, { runs }]) => {
      const manifest = stage.inventory.get(ds)?.manifest;
      return [ds, { manifest, lease: undefined, runs }];
    }),
  ),
});

/** `kind` says whether the inventory lists the dataset or its rejects. */
export function garbageRuns(
  { dataset, inventory, published, damage }: ListedStage,
  ledger: ReadonlyMap<Ds, LedgerRow>,
  held: ReadonlySet<Ds>,
  ages: SweepAges,
  kind: 'run' | 'rejects' = 'run',
): GarbageFolder[] {
  return [...inventory].flatMap(([ds, { manifest: pointer, runs }]) => {
    if (damage.get(ds) === 'unreadable manifest') return [];
    const manifest = published.get(ds)?.manifest;
    // The manifest moved after the listing: it may name a run that the listing does not show.
    if (manifest !== undefined && published.get(ds)?.etag !== pointer?.etag) return [];
    const names = [manifest?.run, loadedRun(dataset, ledger.get(ds))];
    const named = new Set(names.filter((name) => name !== undefined));
    return [...runs].flatMap(([run, objects]): GarbageFolder[] => {
      const found = sum(objects);
      const facts = {
        run,
        modified: found.modified,
        named,
        pointerMoved: pointer?.modified,
        held: dataset !== 'user_purchase/stage' && held.has(ds),
      };
      const why = judgeRun(facts, ages);
      if (why === undefined) return [];
      const root = kind === 'rejects' ? rejectsFolder(dataset) : dataset;
      return [{ ...found, kind, where: `${root}/${ds}/${run}/`, why, of: { dataset, ds, run } }];
    });
  });
}

const rejectsFolder = (dataset: Dataset): string =>
  isRejecting(dataset) ? rejectsFolders[dataset] : dataset;

/** Rejects of the dataset that are past their time, whatever their run. */
export const oldRejects = (
  dataset: Dataset,
  rejects: Inventory,
  held: ReadonlySet<Ds>,
  ages: SweepAges,
): GarbageFolder[] =>
  [...rejects].flatMap(([ds, { runs }]) =>
    [...runs].flatMap(([run, objects]): GarbageFolder[] => {
      const found = sum(objects);
      if (!areOldRejects(found.modified, held.has(ds), ages)) return [];
      const where = `${rejectsFolder(dataset)}/${ds}/${run}/`;
      return [{ ...found, kind: 'rejects', where, why: 'older than KEEP_REJECTS' }];
    }),
  );

/** The day's Spectrum partition may still point to this run. */
function loadedRun(dataset: Dataset, row: LedgerRow | undefined): string | undefined {
  if (dataset === 'user_purchase/stage') return row?.purchasesRun;
  return dataset === 'movie_review/stage' ? row?.reviewsRun : undefined;
}

interface Sized {
  readonly bytes: number;
  readonly modified: number;
}

export const sum = (objects: readonly Sized[]) => ({
  objects: objects.length,
  bytes: objects.reduce((total, { bytes }) => total + bytes, 0),
  modified: Math.max(...objects.map(({ modified }) => modified)),
});

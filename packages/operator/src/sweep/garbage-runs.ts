/** Runs of a dataset that nobody names and nobody works on. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import type { DatasetFacts } from '../facts/day-facts.ts';
import type { Inventory } from '../facts/inventory.ts';
import type { LedgerRow } from '../facts/ledger.ts';
import { judgeRun, type SweepAges } from './sweep-rules.ts';
import type { WasteFolder } from './garbage.ts';

export interface StageLook extends DatasetFacts {
  readonly inventory: Inventory;
}

/** What was rejected stays as long as the run whose rejects they are. */
export const rejectsOf = (clean: StageLook, rejects: Inventory): StageLook => ({
  ...clean,
  inventory: new Map(
    [...rejects].map(([ds, { runs }]) => {
      const manifest = clean.inventory.get(ds)?.manifest;
      return [ds, { manifest, lease: undefined, runs }];
    }),
  ),
});

/** `kind` says whose folders the inventory has: the dataset's own, or those of its rejects. */
export function wasteRuns(
  { dataset, inventory, published, damage }: StageLook,
  ledger: ReadonlyMap<Ds, LedgerRow>,
  held: ReadonlySet<Ds>,
  ages: SweepAges,
  kind: 'run' | 'rejects' = 'run',
): WasteFolder[] {
  return [...inventory].flatMap(([ds, { manifest: pointer, runs }]) => {
    if (damage.get(ds) === 'unreadable manifest') return [];
    const manifest = published.get(ds)?.manifest;
    // The pointer came after the listing: what it names is not known to have been listed.
    if (manifest !== undefined && published.get(ds)?.etag !== pointer?.etag) return [];
    const names = [manifest?.run, loadedRun(dataset, ledger.get(ds))];
    const named = new Set(names.filter((name) => name !== undefined));
    return [...runs].flatMap(([run, objects]): WasteFolder[] => {
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
      const root = kind === 'rejects' ? 'movie_review/rejects' : dataset;
      return [{ ...found, kind, where: `${root}/${ds}/${run}/`, why, of: { dataset, ds, run } }];
    });
  });
}

/** Spectrum's partition of the day may still point there. */
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

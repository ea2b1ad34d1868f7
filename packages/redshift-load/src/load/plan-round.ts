/** What a round of loads finds of its days, once nothing of other runs is under way. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { DataApi } from '../data-api/client.ts';
import { othersEnded } from './other-runs.ts';
import type { Statement } from '../data-api/sql.ts';
import { type Aimed, missingPartitions } from '../partitions/partitions.ts';
import { ledgerRows, type LoadFacts, existingLoad } from './existing-load.ts';
import type { Upstreams } from './upstreams.ts';

/** A day with what is published for it. */
export interface ReadyDay extends Aimed {
  readonly upstreams: Upstreams;
}

export interface StartingPoint {
  /** The days that are loaded already from exactly these upstreams. */
  readonly standing: ReadonlyMap<Ds, LoadFacts>;
  /** What points the partitions at the published runs. */
  readonly partitions: readonly Statement[];
}

/** Where there is nothing to do, nobody is asked what other runs do. */
export async function startingPoint(
  ready: readonly ReadyDay[],
  api: DataApi,
): Promise<StartingPoint> {
  const found = await look(ready, api);
  if (found.standing.size === ready.length && found.partitions.length === 0) return found;
  const days = ready.map(({ day }) => day);
  return (await othersEnded(days, api)) ? look(ready, api) : found;
}

async function look(ready: readonly ReadyDay[], api: DataApi): Promise<StartingPoint> {
  const rows = await ledgerRows(
    ready.map(({ day }) => day),
    api,
  );
  const standing = new Map<Ds, LoadFacts>();
  for (const { day, upstreams } of ready) {
    const facts = existingLoad(rows.get(day.ds), upstreams);
    if (facts !== undefined) standing.set(day.ds, facts);
  }
  return { standing, partitions: await missingPartitions(ready, api) };
}

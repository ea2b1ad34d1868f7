/** What a round of loads has to do, found out while no other run has statements running for its days. */
import type { Ds } from '@user-behaviour/shared/ds';
import { notesOf } from '@user-behaviour/shared/runner/day-record';
import type { DataApi } from '../data-api/client.ts';
import type { Statement } from '../data-api/sql.ts';
import { partitionChanges } from '../partitions/partitions.ts';
import { existingLoad, ledgerRows, type LoadFacts } from './existing-load.ts';
import { awaitOtherRuns } from './other-runs.ts';
import { currentLoadSql, type PlannedLoad } from './transaction.ts';

export interface Round {
  /** The days that are already loaded from exactly these upstreams, with this SQL. */
  readonly existing: ReadonlyMap<Ds, LoadFacts>;
  /** The statements that set the partitions to the published runs. */
  readonly partitions: readonly Statement[];
}

/**
 * Looks for other runs only when there is something to do, and plans again after waiting for one. With `force`
 * every day is loaded.
 */
export function planRound(
  loads: readonly PlannedLoad[],
  api: DataApi,
  force: boolean,
): Promise<Round> {
  const notes = notesOf(loads.map(({ day }) => day));
  return notes.phase('plan', () => readRound(loads, api, force));
}

async function readRound(
  loads: readonly PlannedLoad[],
  api: DataApi,
  force: boolean,
): Promise<Round> {
  const read = async (): Promise<Round> =>
    force
      ? { existing: new Map(), partitions: await partitionChanges(loads, api) }
      : readWarehouse(loads, api);
  const round = await read();
  if (round.existing.size === loads.length && round.partitions.length === 0) return round;
  const days = loads.map(({ day }) => day);
  return (await awaitOtherRuns(days, api)) ? read() : round;
}

async function readWarehouse(loads: readonly PlannedLoad[], api: DataApi): Promise<Round> {
  const rows = await ledgerRows(
    loads.map(({ day }) => day),
    api,
  );
  const existing = new Map<Ds, LoadFacts>();
  const loadSql = currentLoadSql();
  for (const { day, upstreams } of loads) {
    const facts = existingLoad(rows.get(day.ds), upstreams, loadSql);
    if (facts !== undefined) existing.set(day.ds, facts);
  }
  return { existing, partitions: await partitionChanges(loads, api) };
}

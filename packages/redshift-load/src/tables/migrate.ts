/**
 * Applies the migrations whose columns are missing. All of them are one transaction that locks the loads
 * out, with their records: a kill leaves all or none, and a second run that applies them at the same time
 * finds them there. Forward only: nothing is ever removed.
 */
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DataApi } from '../data-api/client.ts';
import { StatementError } from '../data-api/request.ts';
import { statement } from '../data-api/sql.ts';
import { alreadyExists } from '../data-api/status.ts';
import {
  type Definition,
  firstTables,
  type Migration,
  migrations as ofRelease,
} from './definitions.ts';
import { differencesOf } from './differences.ts';
import { type FoundTables, withTables } from './found-tables.ts';

/** How often the tables are read again after another run has changed them. */
const rounds = 3;

export interface Migrating {
  readonly api: Pick<DataApi, 'run' | 'ask'>;
  /** Begins the names of the statements. */
  readonly prefix: string;
  /** Reads the tables again. */
  readonly look: () => Promise<FoundTables>;
  readonly log: Log | undefined;
  readonly migrations?: readonly Migration[];
  /** Also records migrations that somebody has applied by hand. A load does not look for them. */
  readonly recordsAll?: boolean;
}

/**
 * Returns the migrations that were applied. A second run applies none.
 * @throws a configuration failure if a newer release has changed the tables in a way that this one does not know.
 */
export async function migrate(
  found: FoundTables,
  { migrations = ofRelease(), ...migrating }: Migrating,
): Promise<readonly Migration[]> {
  let tables = found;
  for (let round = 1; ; round += 1) {
    const { pending, faults } = differencesOf(tables, firstTables(), migrations);
    const isComplete = pending.length === 0 && faults.length === 0;
    if (isComplete && migrating.recordsAll !== true) return [];
    const recorded = await recordedMigrations(migrating);
    requireKnown({ pending, faults }, recorded, migrations);
    const unrecorded = migrations.filter(({ number }) => !recorded.has(number));
    if (pending.length === 0 && unrecorded.length === 0) return [];
    try {
      await apply(pending, unrecorded, migrating);
      return pending;
    } catch (error) {
      // Another run has applied them after our look.
      const isOld = error instanceof StatementError && alreadyExists(error.message);
      if (!isOld || round === rounds) throw error;
      tables = await migrating.look();
    }
  }
}

/**
 * Returns the migrations that are to be applied once the tables of `missing` are created. Changes nothing.
 * @throws a configuration failure where `migrate` would.
 */
export async function pendingMigrations(
  found: FoundTables,
  missing: readonly Definition[],
  asking: Pick<Migrating, 'api' | 'prefix' | 'log'>,
): Promise<readonly Migration[]> {
  const migrations = ofRelease();
  const differences = differencesOf(withTables(found, missing), firstTables(), migrations);
  const recorded = found.has(recordsTable)
    ? await recordedMigrations(asking)
    : new Map<number, string>();
  requireKnown(differences, recorded, migrations);
  return differences.pending;
}

const recordsTable = 'public.user_behavior_metric_migration';

/** Names by number. */
async function recordedMigrations({
  api,
  prefix,
  log,
}: Pick<Migrating, 'api' | 'prefix' | 'log'>): Promise<ReadonlyMap<number, string>> {
  const query = {
    name: `${prefix}/recorded`,
    statements: [statement('ddl', 'recorded_migrations')],
    reads: true,
  };
  const rows = await api.ask(query, log);
  return new Map(rows.map((row) => [Number(row['number']), row['name'] ?? '']));
}

/** Columns that are missing are added, unless a newer release may have removed them on purpose. */
function requireKnown(
  {
    pending,
    faults,
  }: { readonly pending: readonly Migration[]; readonly faults: readonly string[] },
  recorded: ReadonlyMap<number, string>,
  migrations: readonly Migration[],
): void {
  const last = Math.max(0, ...migrations.map(({ number }) => number));
  const newest = Math.max(0, ...recorded.keys());
  const removed = pending.filter(({ number }) => newest > last && recorded.has(number));
  const all = [
    ...faults,
    ...removed.map(({ adds, table, file }) =>
      adds === 'table' ? `${table} of ${file} is gone` : `${table} has lost the column of ${file}`,
    ),
  ];
  if (all.length === 0) return;
  const newer = newest > last ? `; a newer release has applied ${recorded.get(newest) ?? ''}` : '';
  throw new Failure(
    'configuration',
    `the warehouse is not as this release knows it: ${all.join('; ')}${newer}`,
    {
      action:
        newest > last
          ? 'deploy the release that applied it, or a newer one'
          : 'give the table back its columns, or rename it: the next load creates it anew, and every day is loaded again',
    },
  );
}

async function apply(
  pending: readonly Migration[],
  unrecorded: readonly Migration[],
  { api, prefix, log }: Omit<Migrating, 'migrations'>,
): Promise<void> {
  const record = ({ number, file }: Migration) =>
    statement('ddl', 'record_migration', { number: String(number), name: file });
  // All or nothing: the lock, the changes, their records.
  const statements = [
    statement('load', '010_lock'),
    ...pending.map((one) => one.statement),
    ...unrecorded.map(record),
  ];
  await api.run({ name: `${prefix}/migrate`, statements }, log);
  for (const { file, table } of pending) log?.info(`migrated ${table}: ${file}`);
}

/** Compares the warehouse's own tables with what this release expects; pure. */
import type { Definition, Migration } from './definitions.ts';
import type { FoundTables } from './found-tables.ts';

export interface Differences {
  /** Migrations whose table or column is not there, in the order in which they are applied. */
  readonly pending: readonly Migration[];
  /** What no migration of this release mends, and the release cannot work with. */
  readonly faults: readonly string[];
  /** Columns of another type than expected. */
  readonly otherTypes: readonly string[];
}

/** Tables that are missing altogether are left to the load, which creates them. */
export function differencesOf(
  found: FoundTables,
  tables: readonly Definition[],
  migrations: readonly Migration[],
): Differences {
  const all = [...tables, ...migrations];
  return {
    pending: migrations.filter((one) => isPending(one, found, migrations)),
    faults: [...all.flatMap((one) => lostColumns(one, found)), ...unknownColumns(found, all)],
    otherTypes: all.flatMap((one) => otherTypes(one, found)),
  };
}

function isPending(
  { adds, table, columns }: Migration,
  found: FoundTables,
  migrations: readonly Migration[],
): boolean {
  const there = found.get(table);
  if (adds === 'table') return there === undefined;
  const isMade = migrations.some((one) => one.adds === 'table' && one.table === table);
  return there === undefined ? isMade : columns.some(({ name }) => !there.has(name));
}

/** Columns that are created with their table are never added to it. */
function lostColumns({ adds, table, columns, file }: Definition, found: FoundTables): string[] {
  const there = found.get(table);
  if (adds === 'column' || there === undefined) return [];
  return columns
    .filter(({ name }) => !there.has(name))
    .map(({ name, type }) => `${table} has no column ${name} ${type} (${file})`);
}

function unknownColumns(found: FoundTables, all: readonly Definition[]): string[] {
  return [...found].flatMap(([table, columns]) => {
    const known = all.filter((one) => one.table === table).flatMap((one) => one.columns);
    if (known.length === 0) return [];
    return [...columns]
      .filter(([name, { isRequired }]) => isRequired && !known.some((one) => one.name === name))
      .map(([name]) => `${table} has the column ${name}, which must have a value`);
  });
}

function otherTypes({ table, columns, file }: Definition, found: FoundTables): string[] {
  return columns.flatMap(({ name, type }) => {
    const there = found.get(table)?.get(name);
    return there === undefined || there.type === type
      ? []
      : [`${table}.${name} is ${there.type}, expected ${type} (${file})`];
  });
}

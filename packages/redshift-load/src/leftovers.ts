/** Names of what a check creates in the warehouse, and what checks left that were killed; pure. */
import { randomBytes } from 'node:crypto';
import { isAbandoned } from '@user-behaviour/shared/runner/health-checks';
import { type Statement, statement } from './data-api/sql.ts';

/** Its time, in seconds since 1970, is in the name: Redshift does not tell when an object was created. */
const named = /^doctor_([0-9a-f]{8})[0-9a-f]{4}$/;

export const probeName = (now: Date): string => {
  const seconds = Math.floor(now.getTime() / 1_000);
  return `doctor_${seconds.toString(16).padStart(8, '0')}${randomBytes(2).toString('hex')}`;
};

/** Whether a check made it that has ended. Anything with another form of name is somebody else's. */
function isLeft(name: string, now: Date): boolean {
  const [, seconds] = named.exec(name) ?? [];
  if (seconds === undefined) return false;
  return isAbandoned(Number.parseInt(seconds, 16) * 1_000, now.getTime());
}

/** A row of leftovers.sql; a schema has no table name. */
interface Row {
  readonly schema: string;
  readonly table: string;
}

/**
 * The statements that drop what was left, tables before schemas. A table of the data catalog shows in each
 * external schema; it is dropped through one that stays until then. Repeating them changes nothing.
 */
export function dropLeftovers(rows: readonly Row[], now: Date): readonly Statement[] {
  const found = rows.filter(({ schema, table }) => isLeft(table === '' ? schema : table, now));
  const tables = new Map<string, Row>();
  for (const row of found) {
    const isLive = named.test(row.schema) && !isLeft(row.schema, now);
    const key = row.schema === 'public' ? `public.${row.table}` : row.table;
    if (row.table !== '' && !isLive) tables.set(key, tables.get(key) ?? row);
  }
  const schemas = found.filter(({ table }) => table === '');
  return [
    ...[...tables.values()].map(({ schema, table }) =>
      statement('check', 'drop_table', { table: `${schema}.${table}` }),
    ),
    ...schemas.map(({ schema }) => statement('check', 'drop_schema', { schema })),
  ];
}

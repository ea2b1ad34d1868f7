/** The tables that the warehouse has, read from sql/warehouse/ddl/existing.sql or metric_tables.sql; pure. */
import type { Row } from '../data-api/result.ts';
import { type Definition, typeName } from './definitions.ts';

export interface FoundColumn {
  readonly type: string;
  /** An insert that does not name it fails. */
  readonly isRequired: boolean;
}

/** By table, with its schema, and by column. */
export type FoundTables = ReadonlyMap<string, ReadonlyMap<string, FoundColumn>>;

/** Rows without a column are objects of other kinds. */
export function foundTables(rows: readonly Row[]): FoundTables {
  const columns = rows.filter((row) => (row['column_name'] ?? '') !== '');
  const byTable = Map.groupBy(columns, (row) => `public.${row['table_name'] ?? ''}`);
  return new Map(
    [...byTable].map(([table, found]) => [
      table,
      new Map(found.map((row) => [row['column_name'] ?? '', foundColumn(row)])),
    ]),
  );
}

function foundColumn(row: Row): FoundColumn {
  const type = typeName(row['data_type'] ?? '');
  const { numeric_precision: precision, numeric_scale: scale } = row;
  const length = /^(var)?char$/.test(type)
    ? row['character_maximum_length']
    : type === 'decimal' && precision !== undefined
      ? `${precision}, ${scale ?? '0'}`
      : undefined;
  const isRequired = row['is_nullable'] === 'NO' && row['has_default'] === 'NO';
  return { type: typeName(type, length), isRequired };
}

/** As if these had just been created. */
export const withTables = (found: FoundTables, created: readonly Definition[]): FoundTables =>
  new Map([
    ...found,
    ...created.map(
      ({ table, columns }) =>
        [
          table,
          new Map(columns.map(({ name, type }) => [name, { type, isRequired: false }])),
        ] as const,
    ),
  ]);

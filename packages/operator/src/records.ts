/** The rows of a query's result as JSON: an object for each row. */
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import type { Output } from './output.ts';
import { formatTable } from './table.ts';

export type Value = string | number | boolean | null;

/** Rows by column name; a second column of the same name gets the suffix `_2`. Null is null. */
export function records({ columns, types, rows }: Table): Record<string, Value>[] {
  const names = uniqueNames(columns);
  return rows.map((row) =>
    Object.fromEntries(names.map((name, index) => [name, toValue(row[index], types[index] ?? '')])),
  );
}

function uniqueNames(columns: readonly string[]): string[] {
  const names: string[] = [];
  for (const column of columns) {
    let name = column;
    for (let count = 2; names.includes(name); count += 1) name = `${column}_${String(count)}`;
    names.push(name);
  }
  return names;
}

/** A value of a type as Redshift and Postgres name them; dates stay `2010-12-01`. */
function toValue(text: string | undefined, type: string): Value {
  if (text === undefined) return null;
  if (type === 'bool') return /^t/i.test(text);
  return /^(int[248]|float[48]|numeric)$/.test(type) ? toNumber(text, type) : text;
}

/** Decimals of more digits than a JSON reader keeps stay text, and so does NaN. */
function toNumber(text: string, type: string): number | string {
  const isExact = type.startsWith('float') || text.replaceAll(/^[-0.]+|\D/g, '').length <= 15;
  return isExact && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The result of a statement. One that returns no rows at all prints `done`. */
export const resultOutput = (table: Table): Output => ({
  text: (width) =>
    table.columns.length === 0
      ? 'done'
      : formatTable(table.columns, table.rows, { width, overflow: 'wrap' }),
  json: () => ({ columns: table.columns, rows: records(table) }),
});

import { describe, expect, it } from 'vitest';
import type { Row } from '../data-api/result.ts';
import { migration } from './definitions.ts';
import { differencesOf } from './differences.ts';
import { foundTables, withTables } from './found-tables.ts';

const sql = (text: string) => ({ name: 'x', kind: 'migration', sql: text }) as const;
const made = migration(
  '001_t',
  sql('create table if not exists public.t (\n    a integer not null,\n    b varchar(10)\n)'),
);
const added = migration('002_c', sql('alter table public.t add column c decimal(8, 3)'));

const row = (column: string, type: string, more: Row = {}): Row => ({
  table_name: 't',
  column_name: column,
  data_type: type,
  is_nullable: 'YES',
  has_default: 'NO',
  ...more,
});
const first = [
  row('a', 'integer', { is_nullable: 'NO', numeric_precision: '32', numeric_scale: '0' }),
  row('b', 'character varying', { character_maximum_length: '10' }),
];
const whole = [...first, row('c', 'numeric', { numeric_precision: '8', numeric_scale: '3' })];

const compare = (rows: readonly Row[]) => {
  const { pending, ...rest } = differencesOf(foundTables(rows), [made], [added]);
  return { pending: pending.map(({ file }) => file), ...rest };
};
const nothing = { pending: [], faults: [], otherTypes: [] };

describe('tables', () => {
  it('that are as expected need nothing', () => {
    expect(compare(whole)).toEqual(nothing);
    expect(compare([])).toEqual(nothing);
  });

  it('without the column of a migration need it', () => {
    expect(compare(first)).toEqual({ ...nothing, pending: ['002_c'] });
    const created = withTables(new Map(), [made]);
    expect(differencesOf(created, [made], [added]).pending).toEqual([added]);
  });

  it('that a migration creates need it and those that follow', () => {
    expect(differencesOf(new Map(), [], [made, added]).pending).toEqual([made, added]);
  });

  it('without a first column, or with one that must have a value, are faulty', () => {
    expect(compare(whole.slice(1)).faults).toEqual(['public.t has no column a integer (001_t)']);
    const strange = row('d', 'integer', { is_nullable: 'NO' });
    expect(compare([...whole, strange]).faults).toEqual([
      'public.t has the column d, which must have a value',
    ]);
  });

  it('with more columns, or with a default, keep working', () => {
    const more = [row('d', 'date'), row('e', 'integer', { is_nullable: 'NO', has_default: 'YES' })];
    expect(compare([...whole, ...more])).toEqual(nothing);
  });

  it('with another type are told', () => {
    const other = row('b', 'character varying', { character_maximum_length: '9' });
    expect(compare([...whole.filter(({ column_name: name }) => name !== 'b'), other])).toEqual({
      ...nothing,
      otherTypes: ['public.t.b is varchar(9), expected varchar(10) (001_t)'],
    });
  });
});

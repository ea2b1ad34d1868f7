import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../data-api/sql.ts';
import { firstTables, migration, migrations } from './definitions.ts';

const sql = (text: string): Statement => ({ name: 'x', kind: 'migration', sql: text });

describe('the tables of the release', () => {
  it('are read from their files, with their columns', () => {
    expect(firstTables().map(({ table }) => table)).toEqual([
      'public.user_behavior_metric',
      'public.user_behavior_metric_load',
      'public.user_behavior_metric_load_lock',
      'public.user_behavior_metric_migration',
    ]);
    expect(firstTables()[0]?.columns).toEqual([
      { name: 'customerid', type: 'integer' },
      { name: 'amount_spent', type: 'decimal(18, 5)' },
      { name: 'review_score', type: 'integer' },
      { name: 'review_count', type: 'integer' },
      { name: 'insert_date', type: 'date' },
    ]);
  });

  it('have a line for each column in docs/contract.md', () => {
    const contract = readFileSync(
      join(import.meta.dirname, '../../../../docs/contract.md'),
      'utf8',
    );
    const documented = (table: string) => {
      const [, section = ''] = contract.split(`\`${table}\``).slice(-2);
      return [...(section.split('\n\n')[1]?.matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm) ?? [])].map(
        ([, name, type]) => ({ name, type }),
      );
    };
    const all = [...firstTables().slice(0, 2), ...migrations()];
    for (const table of new Set(all.map((one) => one.table))) {
      const columns = all.filter((one) => one.table === table).flatMap((one) => one.columns);
      expect(documented(table), table).toEqual(columns);
    }
  });
});

describe('the migrations', () => {
  it('are numbered without a gap, and each says what it adds', () => {
    const all = migrations();
    expect(all.map(({ number }) => number)).toEqual(all.map((_, index) => index + 1));
    expect(all[0]).toMatchObject({
      adds: 'column',
      table: 'public.user_behavior_metric_load',
      columns: [{ name: 'load_sql', type: 'varchar(64)' }],
    });
  });

  it.each([
    ['002_x', 'alter table public.t add column a int not null default 0', /takes null to one/],
    ['002_x', 'alter table public.t drop column a', /adds a column/],
    ['002_x', 'update public.t set a = 1', /adds a column/],
    ['two_x', 'alter table public.t add column a int', /a name such as/],
  ])('that do more are refused: %s %s', (file, text, expected) => {
    expect(() => migration(file, sql(text))).toThrow(expected);
  });

  it('may create a table', () => {
    const text =
      'create table if not exists public.t (\n    a int not null,\n    b numeric(8,3)\n)';
    expect(migration('002_t', sql(text))).toMatchObject({
      adds: 'table',
      number: 2,
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'decimal(8, 3)' },
      ],
    });
  });
});

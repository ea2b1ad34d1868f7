import { describe, expect, it } from 'vitest';
import { rewriteAlterTable } from './alter-table.ts';
import { render, tokenize, type Token } from './sql-tokens.ts';

function rewrite(sql: string) {
  const altered = rewriteAlterTable(tokenize(sql));
  const text = (tokens: readonly Token[]) => render(tokens).replaceAll(/\s+/g, ' ');
  return (
    altered && {
      sql: altered.tokens && text(altered.tokens),
      standard: altered.standard && text(altered.standard),
      change: altered.change,
    }
  );
}

describe('rewriteAlterTable', () => {
  it('adds a text column and then its length', () => {
    expect(rewrite('alter table public.T add column Note varchar(64)')).toEqual({
      sql: 'alter table public.T add column Note varchar',
      change: {
        table: { schema: 'public', name: 't' },
        resized: { column: 'note', length: 64 },
      },
    });
  });

  it('keeps other types, and sets a default and NOT NULL afterwards', () => {
    expect(rewrite('alter table t add n decimal(8, 3) default 0 encode az64')).toEqual({
      sql: 'alter table t add column n decimal(8, 3)',
      standard: 'alter table t alter column "n" set default ( 0)',
      change: { table: { name: 't' }, filled: { column: 'n', required: false } },
    });
    expect(rewrite("alter table s.T add column N varchar(9) not null default upper('x')")).toEqual({
      sql: 'alter table s.T add column N varchar',
      standard: `alter table s.T alter column "n" set default ( upper('x'))`,
      change: {
        table: { schema: 's', name: 't' },
        resized: { column: 'n', length: 9 },
        filled: { column: 'n', required: true },
      },
    });
  });

  it.each([
    [
      'alter table t alter column a type varchar(max)',
      { resized: { column: 'a', length: 65_535 } },
    ],
    ['alter table t alter a type character varying(9)', { resized: { column: 'a', length: 9 } }],
    ['alter table t drop column a restrict', { dropped: 'a' }],
  ])('%s', (sql, change) => {
    expect(rewrite(sql)).toEqual({ change: { table: { name: 't' }, ...change } });
  });

  it('leaves a new name to DuckDB, and a constraint has no effect', () => {
    expect(rewrite('alter table t rename to u')).toEqual({ sql: 'alter table t rename to u' });
    expect(rewrite('alter table t add constraint c primary key (a)')).toEqual({});
    expect(rewrite('create table t (a int)')).toBeUndefined();
  });

  it.each([
    ['alter table t add column if not exists a int', 'if'],
    ['alter table t add column a int, add column b int', ','],
    ['alter table t alter column a set not null', 'set'],
  ])('refuses what Redshift does not take: %s', (sql, near) => {
    expect(() => rewrite(sql)).toThrow(`syntax error at or near "${near}"`);
  });
});

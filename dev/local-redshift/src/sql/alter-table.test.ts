import { describe, expect, it } from 'vitest';
import { rewriteAddColumn } from './add-column.ts';
import { render, tokenize } from './sql-tokens.ts';

function rewrite(sql: string) {
  const added = rewriteAddColumn(tokenize(sql));
  return added && [render(added.tokens).replaceAll(/\s+/g, ' '), ...added.after];
}

describe('rewriteAddColumn', () => {
  it('keeps the length of a text as a comment', () => {
    expect(rewrite('alter table public.T add column Note varchar(64)')).toEqual([
      'alter table public.T add column Note varchar',
      `comment on column public.t."note" is '<= 64'`,
    ]);
  });

  it('keeps other types and defaults', () => {
    expect(rewrite('alter table t add n decimal(8, 3) default 0 encode az64')).toEqual([
      'alter table t add column n decimal(8, 3) default 0',
    ]);
  });

  it.each(['alter table t drop column a', 'alter table t add constraint c primary key (a)'])(
    'leaves %s alone',
    (sql) => {
      expect(rewrite(sql)).toBeUndefined();
    },
  );

  it.each([
    ['alter table t add column if not exists a int', 'if'],
    ['alter table t add column a int, add column b int', ','],
  ])('refuses what Redshift does not take: %s', (sql, near) => {
    expect(() => rewrite(sql)).toThrow(`syntax error at or near "${near}"`);
  });
});

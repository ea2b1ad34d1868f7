import { describe, expect, it } from 'vitest';
import { rewriteCatalogQuery } from './catalog-queries.ts';
import { render, tokenize } from './sql-tokens.ts';

describe('rewriteCatalogQuery', () => {
  it.each([
    [
      'select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c',
      'select pg_get_userbyid(c.relowner) from pg_class c',
    ],
    [
      "from pg_class where relname operator(pg_catalog.~) '^(a)$' collate pg_catalog.default",
      "from pg_class where relname ~ '^(a)$'",
    ],
    [
      "from pg_namespace where nspname !~ '^pg_' and 1 = 1",
      "from pg_namespace where nspname !~ '^pg_.*' and 1 = 1",
    ],
    ["from pg_namespace where nspname ~ 'a'", "from pg_namespace where nspname ~ '.*a.*'"],
    ['select c.oid::pg_catalog.regclass from pg_class c', 'select c.oid::varchar from pg_class c'],
    ["select 'a'::name, E'\\n' from pg_class", "select 'a'::varchar,'\n' from pg_class"],
    [
      'select * from information_schema.columns join information_schema.schemata',
      'select * from svv_columns join information_schema.schemata',
    ],
    [
      'from pg_get_late_binding_view_cols() c(view_schema name, col_num int) where true',
      'from pg_get_late_binding_view_cols c(view_schema, col_num) where true',
    ],
  ])('changes %s', (sql, expected) => {
    expect(render(rewriteCatalogQuery(tokenize(sql)))).toBe(expected);
  });

  it('leaves other statements alone', () => {
    const tokens = tokenize("select a ~ '^a', operator, name::name from sales.pgs collate");
    expect(rewriteCatalogQuery(tokens)).toBe(tokens);
  });
});

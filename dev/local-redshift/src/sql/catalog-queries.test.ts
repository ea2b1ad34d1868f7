import { describe, expect, it } from 'vitest';
import { useCatalogViews } from './catalog-queries.ts';
import { render, tokenize } from './sql-tokens.ts';

describe('useCatalogViews', () => {
  it.each([
    [
      'select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c',
      'select pg_get_userbyid(c.relowner) from pg_class c',
    ],
    [
      "from pg_class where relname operator(pg_catalog.~) '^(a)$' collate pg_catalog.default",
      "from pg_class where relname ~ '^(a)$'",
    ],
    ['select * from pg_catalog.stl_query', 'select * from stl_query'],
    ['select * from PG_CATALOG."svv_tables"', 'select * from "svv_tables"'],
    ['select c.oid::pg_catalog.regclass from pg_class c', 'select c.oid::varchar from pg_class c'],
    ["select 'a'::name, E'\\n' from pg_class", "select 'a'::varchar,'\n' from pg_class"],
    [
      'select * from "pg_catalog"."pg_class", "information_schema"."tables"',
      'select * from "pg_class", svv_tables',
    ],
    [
      'insert into s.kept select oid from pg_catalog.pg_class',
      'insert into s.kept select oid from pg_class',
    ],
    [
      'select * from information_schema.columns join information_schema.schemata',
      'select * from svv_columns join information_schema.schemata',
    ],
    [
      'from pg_get_late_binding_view_cols() c(view_schema name, col_num int) where true',
      'from pg_get_late_binding_view_cols c(view_schema, col_num) where true',
    ],
  ])('changes %s', (sql, expected) => {
    expect(render(useCatalogViews(tokenize(sql)))).toBe(expected);
  });

  it('leaves other statements alone', () => {
    const tokens = tokenize("select a ~ '^a', operator, name::name from sales.pgs collate");
    expect(useCatalogViews(tokens)).toBe(tokens);
  });
});

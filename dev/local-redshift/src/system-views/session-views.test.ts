import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { createSessionViews, sessionViews } from './session-views.ts';
import { columnsOf, createViewSql } from './view-definition.ts';
import { tokenize } from '../sql/sql-tokens.ts';

describe('createSessionViews', () => {
  it('creates nothing and reads nothing for a statement that names no view', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    let reads = 0;
    const records = () => {
      reads += 1;
      return [];
    };
    const created = async (sql: string) => {
      await createSessionViews(connection, tokenize(sql), records);
      const reader = await connection.runAndReadAll(
        'select view_name from duckdb_views() where temporary and not internal order by 1',
      );
      return reader.getRowsJson().flat();
    };
    expect(await created("select stl_x, 'stl_query' from system_t, stl_unknown")).toEqual([]);
    expect(reads).toBe(0);
    // The view of loads that failed is always empty.
    expect(await created('select * from STL_LOAD_ERRORS')).toEqual(['stl_load_errors']);
    expect(reads).toBe(0);
    expect(await created('select * from "stl_query"')).toEqual(['stl_load_errors', 'stl_query']);
    expect(reads).toBe(1);
    connection.closeSync();
  });
});

describe('a view', () => {
  const views = Object.entries(sessionViews);
  it.each(views)('%s has a type for each column and each column once', (_, view) => {
    const columns = columnsOf(view);
    expect(columns.filter(({ name, type }) => name === '' || type === '')).toEqual([]);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
  });

  it('has values for columns only; several views share some', () => {
    const columns = new Set(views.flatMap(([, view]) => columnsOf(view).map(({ name }) => name)));
    const valued = views.flatMap(([, { values = {} }]) => Object.keys(values));
    expect(valued.filter((name) => !columns.has(name))).toEqual([]);
  });

  it('without rows has its columns', () => {
    expect(createViewSql('v', { columns: 'a integer, b decimal(5,2)' })).toBe(
      'create or replace temp view v as select cast(null as integer) as "a", cast(null as decimal(5,2)) as "b" where false',
    );
  });
});

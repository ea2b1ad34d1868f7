/** Views of the warehouse's own tables (SVV_TABLE_INFO, STV_TBL_PERM, SVV_REDSHIFT_TABLES and others). */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { SystemView } from './view-definition.ts';
import { quoteLiteral, quoteName } from '../sql/sql-tokens.ts';
import { ownSchemas } from '../warehouse/system-views.ts';

export const tableViews: Readonly<Record<string, SystemView>> = {
  svv_table_info: {
    columns: `database varchar, schema varchar, table_id integer, table varchar, encoded varchar,
      diststyle varchar, sortkey1 varchar, max_varchar integer, sortkey1_enc varchar, sortkey_num integer,
      size bigint, pct_used decimal(10,4), empty bigint, unsorted decimal(5,2), stats_off decimal(5,2),
      tbl_rows decimal(38,0), skew_sortkey1 decimal(19,2), skew_rows decimal(19,2),
      estimated_visible_rows decimal(38,0), risk_event varchar, vacuum_sort_benefit decimal(12,2),
      create_time timestamp`,
    // Empty tables are not in it (r_SVV_TABLE_INFO).
    from: 'rs_table where row_count > 0',
    values: {
      database: 'current_database()',
      schema: 'schema_name',
      table_id: 'table_id',
      table: 'table_name',
      encoded: "'N'",
      diststyle: "'AUTO(ALL)'",
      sortkey1: "'AUTO(SORTKEY)'",
      max_varchar: `(
        select coalesce(max(character_maximum_length), 0) from main.svv_columns as c
        where c.table_schema = rs_table.schema_name and c.table_name = rs_table.table_name
      )`,
      sortkey_num: '0',
      size: 'megabytes',
      empty: '0',
      stats_off: '0',
      tbl_rows: 'row_count',
      estimated_visible_rows: 'row_count',
    },
  },
  stv_tbl_perm: {
    columns: `slice integer, id integer, name varchar, rows bigint, sorted_rows bigint, temp integer,
      db_id integer, insert_pristine integer, delete_pristine integer, backup integer, dist_style integer,
      block_count integer`,
    from: 'rs_table',
    values: {
      slice: '0',
      id: 'table_id',
      name: 'table_name',
      rows: 'row_count',
      sorted_rows: 'row_count',
      temp: '0',
      db_id: '100',
      insert_pristine: '0',
      delete_pristine: '0',
      backup: '1',
      dist_style: '8',
      block_count: 'megabytes',
    },
  },
  svv_redshift_schemas: {
    columns: `database_name varchar, schema_name varchar, schema_owner integer, schema_type varchar,
      schema_acl varchar, schema_option varchar`,
    from: `duckdb_schemas() where ${ownSchemas}`,
    values: {
      database_name: 'current_database()',
      schema_name: 'schema_name',
      schema_owner: '100',
      schema_type: "'local'",
    },
  },
  svv_redshift_tables: {
    columns: `database_name varchar, schema_name varchar, table_name varchar, table_type varchar,
      table_acl varchar, remarks varchar, table_owner varchar`,
    from: "main.svv_tables where table_type <> 'EXTERNAL TABLE'",
    values: {
      database_name: 'table_catalog',
      schema_name: 'table_schema',
      table_name: 'table_name',
      table_type: "replace(table_type, 'BASE TABLE', 'TABLE')",
    },
  },
  svv_redshift_columns: {
    columns: `database_name varchar, schema_name varchar, table_name varchar, column_name varchar,
      ordinal_position integer, data_type varchar, column_default varchar, is_nullable varchar,
      encoding varchar, distkey boolean, sortkey integer, column_acl varchar, remarks varchar`,
    from: `main.svv_columns as c
      inner join main.svv_tables as t
        on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type <> 'EXTERNAL TABLE'`,
    values: {
      database_name: 'c.table_catalog',
      schema_name: 'c.table_schema',
      table_name: 'c.table_name',
      column_name: 'c.column_name',
      ordinal_position: 'c.ordinal_position',
      data_type: `case
        when c.character_maximum_length is not null then c.data_type || '(' || c.character_maximum_length || ')'
        when c.data_type = 'numeric' then 'numeric(' || c.numeric_precision || ',' || c.numeric_scale || ')'
        else c.data_type end`,
      column_default: 'c.column_default',
      is_nullable: 'c.is_nullable',
      encoding: "'none'",
      distkey: 'false',
      sortkey: '0',
    },
  },
};

/** Counts the rows of every table into `rs_table`. */
export async function createTableRows(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll(
    `select schema_name, table_name, table_oid from duckdb_tables() where ${ownSchemas} order by 1, 2`,
  );
  const counts = reader
    .getRowsJson()
    .map((row) => row.map(String))
    .map(([schema = '', name = '', id = '']) => {
      const table = `${quoteName(schema)}.${quoteName(name)}`;
      return `select ${quoteLiteral(schema)}, ${quoteLiteral(name)}, ${id}, (select count(*) from ${table}),
        (select greatest(1, count(distinct block_id) // 4) from pragma_storage_info(${quoteLiteral(table)}))`;
    });
  const rows = [
    'select null::varchar, null::varchar, null::integer, null::bigint, null::bigint where false',
    ...counts,
  ];
  await connection.run(
    `create or replace temp table rs_table as
     select * from (${rows.join(' union all ')}) as t(schema_name, table_name, table_id, row_count, megabytes)`,
  );
}

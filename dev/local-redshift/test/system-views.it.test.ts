/** The system views that people look at first: rows of what really ran, in the columns that Amazon documents. */
import { GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { batch, execute, query, succeed, target } from './cloud.ts';
import { useSpectrum } from './suite.ts';

const spectrum = useSpectrum();
const database = target.Database;
const ask = (sql: string) => query(spectrum.client, sql);

/** The documented columns of the views, in their order; the types are those of the Data API. */
const documented: readonly (readonly [view: string, columns: string])[] = [
  [
    'sys_query_history',
    `user_id int4, query_id int8, query_label varchar, transaction_id int8, session_id int4,
     database_name varchar, query_type varchar, status varchar, result_cache_hit bool, start_time timestamp,
     end_time timestamp, elapsed_time int8, queue_time int8, execution_time int8, error_message varchar,
     returned_rows int8, returned_bytes int8, query_text varchar, redshift_version varchar, usage_limit varchar,
     compute_type varchar, compile_time int8, planning_time int8, lock_wait_time int8, service_class_id int4,
     service_class_name varchar, query_priority varchar, short_query_accelerated varchar, user_query_hash varchar,
     generic_query_hash varchar, query_hash_version int4, result_cache_query_id int4, username varchar`,
  ],
  [
    'sys_external_query_detail',
    `user_id int4, query_id int8, transaction_id int8, child_query_sequence int4, segment_id int4,
     source_type varchar, start_time timestamp, end_time timestamp, duration int8, total_partitions int4,
     qualified_partitions int4, scanned_files int8, returned_rows int8, returned_bytes int8, file_format varchar,
     file_location varchar, external_query_text varchar, warning_message varchar, table_name varchar,
     is_recursive varchar, is_nested varchar, s3list_time int8, get_partition_time int8`,
  ],
  [
    'svv_table_info',
    `database varchar, schema varchar, table_id int4, table varchar, encoded varchar, diststyle varchar,
     sortkey1 varchar, max_varchar int4, sortkey1_enc varchar, sortkey_num int4, size int8, pct_used numeric,
     empty int8, unsorted numeric, stats_off numeric, tbl_rows numeric, skew_sortkey1 numeric, skew_rows numeric,
     estimated_visible_rows numeric, risk_event varchar, vacuum_sort_benefit numeric, create_time timestamp`,
  ],
  [
    'stl_query',
    `userid int4, query int4, label varchar, xid int8, pid int4, database varchar, querytxt varchar,
     starttime timestamp, endtime timestamp, aborted int4, insert_pristine int4, concurrency_scaling_status int4`,
  ],
  [
    'stl_load_errors',
    `userid int4, slice int4, tbl int4, starttime timestamp, session int4, query int4, filename varchar,
     line_number int8, colname varchar, type varchar, col_length varchar, position int4, raw_line varchar,
     raw_field_value varchar, err_code int4, err_reason varchar, is_partial int4, start_offset int8,
     copy_job_id int8`,
  ],
  [
    'stv_recents',
    `userid int4, status varchar, starttime timestamp, duration int8, user_name varchar, db_name varchar,
     query varchar, pid int4`,
  ],
];

const everyView = [
  ...['svv_tables', 'svv_columns', 'svv_table_info', 'pg_table_def'],
  ...[
    'svv_external_schemas',
    'svv_external_tables',
    'svv_external_columns',
    'svv_external_partitions',
  ],
  ...['svv_redshift_tables', 'svv_redshift_columns', 'svv_redshift_schemas'],
  ...[
    'sys_query_history',
    'sys_query_detail',
    'sys_external_query_detail',
    'sys_load_error_detail',
  ],
  ...[
    'sys_session_history',
    'stl_query',
    'stl_querytext',
    'stl_wlm_query',
    'stl_load_errors',
    'stl_error',
  ],
  ...['svl_qlog', 'svl_s3query_summary', 'svl_s3partition', 'svl_s3log'],
  ...['stv_recents', 'stv_inflight', 'stv_sessions', 'stv_locks', 'stv_tbl_perm'],
];

describe('the columns', () => {
  it.each(documented)('of %s', async (view, columns) => {
    const state = await succeed(spectrum.client, `select * from ${view} limit 0`);
    const { ColumnMetadata = [] } = await spectrum.client.send(
      new GetStatementResultCommand({ Id: state.Id }),
    );
    const found = ColumnMetadata.map(({ name = '', typeName = '' }) => `${name} ${typeName}`);
    expect(found).toEqual(columns.split(',').map((column) => column.trim()));
  });

  it.each(everyView)('%s exists, with and without pg_catalog', async (view) => {
    await ask(`select * from ${view}`);
    await ask(`select v.* from pg_catalog.${view} as v limit 0`);
  });
});

it('of a session cannot be in a view that others read, but in a table', async () => {
  const view = 'create view look as select query from stl_query';
  expect((await execute(spectrum.client, view)).Error).toContain('views over stl_query');
  await succeed(spectrum.client, 'create table looked as select query from stl_query');
  const [[count = 0] = []] = await ask('select count(*) from looked');
  expect(count).toBeGreaterThan(0);
});

describe('statements', () => {
  it('are in SYS_QUERY_HISTORY with what became of them', async () => {
    await succeed(spectrum.client, 'create table history_t (n int)');
    const insert = await execute(
      spectrum.client,
      "insert into history_t values (1), (2) -- 'it'",
      {},
      { DbUser: 'etl' },
    );
    expect(insert.Status).toBe('FINISHED');
    await ask('select n from history_t');
    await execute(spectrum.client, 'select n / 0 from history_t');
    const rows = await ask(
      `select query_type, trim(status), username, database_name, returned_rows, error_message, query_text
       from sys_query_history where query_text like '%history_t%' order by query_id`,
    );
    expect(rows.slice(0, 4)).toEqual([
      ['DDL', 'success', 'awsuser', database, 0, null, 'create table history_t (n int)'],
      [
        'INSERT',
        'success',
        'etl',
        database,
        0,
        null,
        "insert into history_t values (1), (2) -- 'it'",
      ],
      ['SELECT', 'success', 'awsuser', database, 2, null, 'select n from history_t'],
      [
        'SELECT',
        'failed',
        'awsuser',
        database,
        0,
        expect.stringContaining('Divide by zero') as string,
        'select n / 0 from history_t',
      ],
    ]);
    // The statement that asks is running.
    expect(rows[4]?.slice(0, 2)).toEqual(['SELECT', 'running']);
    expect(rows).toHaveLength(5);
  });

  it('have the identifiers and times of DescribeStatement', async () => {
    const state = await succeed(spectrum.client, 'select 1 as looked_up');
    const id = state.RedshiftQueryId ?? 0;
    const [row] = await ask(
      `select session_id, end_time >= start_time, elapsed_time, date_diff('second', end_time, getdate()) < 60
       from sys_query_history where query_id = ${id}`,
    );
    expect(row).toEqual([state.RedshiftPid, true, Math.round((state.Duration ?? 0) / 1000), true]);
  });

  it('of a batch share a transaction, and a part that was rolled back was run', async () => {
    const state = await batch(spectrum.client, [
      'create temp table batch_t as select 1 as n',
      "select cast('x' as int) as batch_t",
      'select 3 as batch_t',
    ]);
    expect(state.Status).toBe('FAILED');
    const rows = await ask(
      `select query_type, status, count(*) over (partition by transaction_id)
       from sys_query_history where query_text like '%batch_t%' and query_text not like '%sys_%'
       order by query_id`,
    );
    expect(rows).toEqual([
      ['CTAS', 'success', 3],
      ['SELECT', 'failed', 3],
      ['SELECT', 'canceled', 3],
    ]);
  });

  it('have the query group of their batch as a label, as far as it has run, and each its own times', async () => {
    await batch(spectrum.client, [
      "set query_group to 'nightly load'",
      'create temp table labelled as select 1 as n',
      'select n as labelled from labelled',
      'reset query_group',
    ]);
    await ask('select 2 as labelled');
    const rows = await ask(
      `select query_type, trim(query_label), queue_time < 1000000, execution_time > 0, returned_rows
       from sys_query_history where query_text like '%labelled%' and query_text not like '%sys_%'
       order by query_id`,
    );
    expect(rows).toEqual([
      ['CTAS', 'nightly load', true, true, 0],
      ['SELECT', 'nightly load', true, true, 1],
      ['SELECT', 'default', true, true, 1],
    ]);
    expect(
      await ask("select count(*) from svl_qlog where label = 'nightly load' and query > 0"),
    ).toEqual([[2]]);
  });

  it('are in the views of provisioned clusters', async () => {
    const long = `select '${'x'.repeat(450)}' as stl_long`;
    const { RedshiftQueryId: id = 0 } = await succeed(spectrum.client, long);
    expect(await ask(`select querytxt, aborted from stl_query where query = ${id}`)).toEqual([
      [long, 0],
    ]);
    const parts = await ask(
      `select sequence, text from stl_querytext where query = ${id} order by sequence`,
    );
    expect(parts.map(([sequence]) => sequence)).toEqual([0, 1, 2]);
    expect(parts.map(([, text]) => text).join('')).toBe(long);
    expect(await ask(`select substring from svl_qlog where query = ${id}`)).toEqual([
      [long.slice(0, 60)],
    ]);
    expect(
      await ask(`select total_exec_time > 0, slot_count from stl_wlm_query where query = ${id}`),
    ).toEqual([[true, 1]]);
    await succeed(spectrum.client, 'create table stl_ddl (a int)');
    expect(
      await ask("select count(*) from stl_query where querytxt like 'create table stl_ddl%'"),
    ).toEqual([[0]]);
    expect(
      await ask(
        "select distinct status, pid from stv_recents where query like 'create table stl_ddl%'",
      ),
    ).toEqual([['Done', -1]]);
  });

  it('that run now are in flight, in a session', async () => {
    const mine = 'select text, slice from stv_inflight';
    expect(await ask(mine)).toEqual([[mine, 0]]);
    expect(await ask('select user_name, timeout_sec from stv_sessions')).toEqual([['awsuser', 0]]);
    expect(await ask('select distinct status from sys_session_history order by status')).toEqual([
      ['active'],
      ['closed'],
    ]);
  });
});

describe('scans of external tables', () => {
  it('are in SYS_EXTERNAL_QUERY_DETAIL with the files, rows and partitions that they read', async () => {
    await spectrum.createCsv('id varchar(10)');
    for (const ds of ['2010-12-01', '2010-12-02', '2010-12-03']) await spectrum.addPartition(ds);
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, '1\n2\n');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/b.csv`, '"three\nfour"\n5\n6\n');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-02/a.csv`, '7\n');
    const counted = `select count(*) from ${spectrum.table} where ds = '2010-12-01'`;
    // The second time, the files are in the cache.
    for (const run of ['first', 'second']) {
      const { RedshiftQueryId: id = 0 } = await succeed(spectrum.client, counted);
      const detail = `select segment_id, source_type, total_partitions, qualified_partitions, scanned_files,
          returned_rows, returned_bytes, file_format, file_location, table_name, warning_message
        from sys_external_query_detail where query_id = ${id}`;
      expect(await ask(detail), run).toEqual([
        [
          0,
          'S3',
          3,
          1,
          2,
          6,
          21,
          'Text',
          spectrum.cloud.address(`${spectrum.folder}/`),
          `${database}.${spectrum.table}`,
          null,
        ],
      ]);
      const summary = `select s3_scanned_rows, s3_scanned_bytes, files, is_partitioned from svl_s3query_summary where query = ${id}`;
      expect(await ask(summary)).toEqual([[6, 21, 2, 't']]);
      const pruned = `select total_partitions, qualified_partitions, assignment from svl_s3partition where query = ${id}`;
      expect(await ask(pruned)).toEqual([[3, 1, 'p']]);
      const steps = `select step_name, source, output_rows from sys_query_detail where query_id = ${id} order by segment_id`;
      expect(await ask(steps)).toEqual([
        ['scan', 'S3', 6],
        ['return', null, 1],
      ]);
    }
  });

  it('that failed have their error in SVL_S3LOG', async () => {
    await spectrum.createCsv('id int');
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, 'x\n');
    const failed = await execute(spectrum.client, `select id from ${spectrum.table}`);
    expect(
      await ask(`select message from svl_s3log where query = ${failed.RedshiftQueryId ?? 0}`),
    ).toEqual([[failed.Error]]);
  });

  it('of files that cannot be read in parallel have a warning, which is also logged', async () => {
    await spectrum.createCsv(
      'id varchar(10)',
      undefined,
      "table properties ('wholeFile' = 'true')",
    );
    await spectrum.addPartition('2010-12-01');
    const address = await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/a.csv`,
      Buffer.alloc(129 * 2 ** 20, `${'x'.repeat(2 ** 20 - 1)}\n`),
    );
    const state = await succeed(spectrum.client, `select count(*) from ${spectrum.table}`);
    const warning = `${address} has 129 MB and cannot be read in parallel: files of 64 MB to 128 MB are advised`;
    const id = state.RedshiftQueryId ?? 0;
    expect(
      await ask(`select warning_message from sys_external_query_detail where query_id = ${id}`),
    ).toEqual([[warning]]);
    expect(await ask(`select message from svl_s3log where query = ${id}`)).toEqual([[warning]]);
    expect(spectrum.cloud.bugs.splice(0)).toEqual([`redshift: ${warning}`]);
  });
});

describe('tables', () => {
  it('are in SVV_TABLE_INFO with their rows, unless they are empty', async () => {
    await succeed(
      spectrum.client,
      'create table info_full (id int, note varchar(30), more varchar(12))',
    );
    await succeed(spectrum.client, 'create table info_empty (id int)');
    await succeed(
      spectrum.client,
      "insert into info_full values (1, 'a', 'b'), (2, 'a', 'b'), (3, 'a', 'b')",
    );
    await succeed(spectrum.client, 'delete from info_full where id = 1');
    const info = `select "schema", "table", tbl_rows, max_varchar from svv_table_info where "table" like 'info%'`;
    expect(await ask(info)).toEqual([['public', 'info_full', '2', 30]]);
    const permanent = "select name, rows from stv_tbl_perm where name like 'info%' order by name";
    expect(await ask(permanent)).toEqual([
      ['info_empty', 0],
      ['info_full', 2],
    ]);
  });

  it('are in SVV_REDSHIFT_TABLES and PG_TABLE_DEF, external ones are not', async () => {
    await spectrum.createCsv('only_external varchar(10)');
    await succeed(spectrum.client, 'create schema other');
    await succeed(
      spectrum.client,
      'create table other.listed (only_other varchar(7) not null, d decimal(8, 3))',
    );
    await succeed(spectrum.client, 'create table listed (id bigint not null, note varchar(7))');
    await succeed(spectrum.client, 'create view listed_view as select id from listed');
    expect(
      await ask(
        "select schema_name, table_name, table_type from svv_redshift_tables where table_name like 'listed%' order by 1, 2",
      ),
    ).toEqual([
      ['other', 'listed', 'TABLE'],
      ['public', 'listed', 'TABLE'],
      ['public', 'listed_view', 'VIEW'],
    ]);
    expect(
      await ask(
        "select column_name, data_type, is_nullable from svv_redshift_columns where schema_name = 'other' order by ordinal_position",
      ),
    ).toEqual([
      ['only_other', 'character varying(7)', 'NO'],
      ['d', 'numeric(8,3)', 'YES'],
    ]);
    // Only the schemas of the search path.
    expect(
      await ask(
        `select "column", type, "notnull" from pg_table_def where tablename in ('listed', '${spectrum.folder}')`,
      ),
    ).toEqual([
      ['id', 'bigint', true],
      ['note', 'character varying(7)', false],
    ]);
    expect(
      await ask('select schema_name, schema_type from svv_redshift_schemas order by 1'),
    ).toEqual([
      ['other', 'local'],
      ['public', 'local'],
    ]);
  });
});

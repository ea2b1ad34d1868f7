/** External tables: how Spectrum reads files, from a real S3 server. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { execute, query, succeed } from './cloud.ts';
import { serde, useSpectrum } from './suite.ts';

const spectrum = useSpectrum();

describe('a CSV table with the SerDe', () => {
  it('handles quotes, skips the header of every file and reads an empty field as text', async () => {
    await spectrum.createCsv(
      'id varchar(10), detail varchar(20)',
      serde,
      "table properties ('skip.header.line.count' = '1')",
    );
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/a.csv`,
      'id,detail\r\n1,"SIGN ""BIG"", RED"\r\n2,\r\n',
    );
    await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/deep/er/b.csv`,
      'id,detail\n"3","SIZE 6\\"\n',
    );
    const rows = await query(
      spectrum.client,
      `select id, detail, detail is null, ds from ${spectrum.table} order by id`,
    );
    expect(rows).toEqual([
      ['1', 'SIGN "BIG", RED', false, '2010-12-01'],
      ['2', '', false, '2010-12-01'],
      ['3', 'SIZE 6\\', false, '2010-12-01'],
    ]);
  });

  it('ignores hidden names and reads compressed files', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    for (const name of ['_manifest.json', '.tmp', '#x', 'old.csv~', '_SUCCESS']) {
      await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/${name}`, 'hidden\n');
    }
    const members = Buffer.concat([gzipSync('gz\n'), gzipSync('second member\n')]);
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv.gz`, members);
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01-old/c.csv`, 'next door\n');
    expect(await query(spectrum.client, `select id from ${spectrum.table} order by 1`)).toEqual([
      ['gz'],
      ['second mem'],
    ]);
  });

  it('names the file and the column of an empty field in a number column', async () => {
    await spectrum.createCsv('id int, amount decimal(8, 3)');
    await spectrum.addPartition('2010-12-01');
    await spectrum.addPartition('2010-12-02');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-02/a.csv`, '"7"," 2.5"\n');
    const address = await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, '1,1.5\n,3\n');
    const of = (ds: string) => `select id, amount from ${spectrum.table} where ds = '${ds}'`;
    expect(await query(spectrum.client, of('2010-12-02'))).toEqual([[7, '2.500']]);
    const failed = await execute(spectrum.client, of('2010-12-01'));
    expect(failed.Error).toContain(
      `Invalid value for column 'id' of type integer, File name: ${address}`,
    );
    // Only the columns that a statement reads are converted.
    const amounts = `select amount from ${spectrum.table} where ds = '2010-12-01' order by 1`;
    expect(await query(spectrum.client, amounts)).toEqual([['1.500'], ['3.000']]);
  });

  it('has one row for each line, unless wholeFile keeps line breaks within quotes', async () => {
    await spectrum.createCsv('id varchar(10), note varchar(20)');
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, '1,"two\nlines"\n');
    const all = `select id, note from ${spectrum.table} order by id`;
    // A field whose quote its line does not close is lost.
    expect(await query(spectrum.client, all)).toEqual([
      ['1', null],
      [null, null],
    ]);
  });

  it('ignores empty files and folder markers, and tells upper from lower case in a path', async () => {
    const folder = spectrum.cloud.address(`${spectrum.folder}/Day/`);
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (id varchar(10)) ${serde} stored as textfile location '${folder}'`,
    );
    const ids = `select id from ${spectrum.table}`;
    expect(await query(spectrum.client, ids)).toEqual([]);
    for (const name of ['Day/', 'Day/empty.csv', 'Day/deep/', 'Day/deep_$folder$']) {
      await spectrum.cloud.put(`${spectrum.folder}/${name}`, new Uint8Array());
    }
    await spectrum.cloud.put(`${spectrum.folder}/day/b.csv`, 'other case\n');
    expect(await query(spectrum.client, ids)).toEqual([]);
    await spectrum.cloud.put(`${spectrum.folder}/Day/deep/a.csv`, 'this case\n');
    expect(await query(spectrum.client, ids)).toEqual([['this case']]);
    const other = spectrum.cloud.address(`${spectrum.folder}/day/`);
    await succeed(spectrum.client, `alter table ${spectrum.table} set location '${other}'`);
    expect(await query(spectrum.client, ids)).toEqual([['other case']]);
  });

  it('takes the compression from the table rather than from the name', async () => {
    await spectrum.createCsv(
      'id varchar(10)',
      serde,
      "table properties ('compression_type' = 'gzip')",
    );
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a`, gzipSync('packed\n'));
    expect(await query(spectrum.client, `select id from ${spectrum.table}`)).toEqual([['packed']]);
  });

  it('rejects a compression that Spectrum does not support', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/b.csv.zst`, zstdCompressSync('zst\n'));
    await expect(query(spectrum.client, `select id from ${spectrum.table}`)).rejects.toThrow();
  });

  it('truncates text by bytes', async () => {
    await spectrum.createCsv('id varchar(3)');
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, 'äöü\nabcd\n');
    expect(await query(spectrum.client, `select id from ${spectrum.table} order by 1`)).toEqual([
      ['abc'],
      ['ä'],
    ]);
  });

  it('has pseudo-columns that * does not include', async () => {
    await spectrum.createCsv('id varchar(3)');
    await spectrum.addPartition('2010-12-01');
    const address = await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, '1\n2\n');
    const counted = `select "$path", count(*) from ${spectrum.table} where ds = :ds group by 1`;
    expect(await query(spectrum.client, counted, { ds: '2010-12-01' })).toEqual([[address, 2]]);
    expect(
      await query(spectrum.client, `select *, "$size" from ${spectrum.table} where id = '1'`),
    ).toEqual([['1', '2010-12-01', 4]]);
    const stray = `select sum(case when strpos("$path", :place) = 1 then 0 else 1 end) from ${spectrum.table}`;
    expect(
      await query(spectrum.client, stray, {
        place: spectrum.cloud.address(`${spectrum.folder}/2010-12-02/`),
      }),
    ).toEqual([[2]]);
  });

  it('reads a replaced object again', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, 'old\n');
    expect(await query(spectrum.client, `select id from ${spectrum.table}`)).toEqual([['old']]);
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, 'new\n');
    expect(await query(spectrum.client, `select id from ${spectrum.table}`)).toEqual([['new']]);
  });
});

describe('a DELIMITED table', () => {
  it('reads what fits no column as documented, and as its table properties say', async () => {
    const address = await spectrum.cloud.put(
      `${spectrum.folder}/a.csv`,
      Buffer.from('1,Barcelona,34595\n2,Barcel\xf3na,5\n3,x,6,7\n', 'latin1'),
    );
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (id int, club varchar(5), n smallint)
       row format delimited fields terminated by ',' stored as textfile
       location '${spectrum.cloud.address(`${spectrum.folder}/`)}'`,
    );
    const all = `select id, club, n from ${spectrum.table} order by id`;
    const set = (properties: string) =>
      succeed(
        spectrum.client,
        `alter table ${spectrum.table} set table properties (${properties})`,
      );
    const rest = [3, 'x', 6];
    expect(await query(spectrum.client, all)).toEqual([[1, 'Barce', 32_767], [2, null, 5], rest]);
    // Without data_cleansing_enabled, the others have no effect.
    await set(`'surplus_char_handling' = 'SET_TO_NULL', 'invalid_char_handling' = 'REPLACE'`);
    expect((await query(spectrum.client, all))[0]).toEqual([1, 'Barce', 32_767]);
    await set(`'data_cleansing_enabled' = 'true', 'numeric_overflow_handling' = 'SET_TO_NULL'`);
    expect(await query(spectrum.client, all)).toEqual([[1, null, null], [2, null, 5], rest]);
    await set(`'surplus_char_handling' = 'TRUNCATE'`);
    expect((await query(spectrum.client, all))[1]).toEqual([2, 'Barce', 5]);
    await set(`'surplus_char_handling' = 'FAIL'`);
    const failed = await execute(spectrum.client, all);
    expect(failed.Error).toMatch(/^ERROR: Spectrum Scan Error/);
    expect(failed.Error).toContain('code:      15007');
    expect(failed.Error).toContain(`File name: ${address}`);
    await set(
      `'surplus_char_handling' = 'TRUNCATE', 'column_count_mismatch_handling' = 'DROP_ROW'`,
    );
    expect(await query(spectrum.client, all)).toHaveLength(2);
    await set(`'column_count_mismatch_handling' = 'FAIL'`);
    expect((await execute(spectrum.client, all)).Error).toContain(
      `Unmatched number of columns between table and file. Table columns: 3, Data columns: 4, File name: ${address}`,
    );
    await set(`'data_cleansing_enabled' = 'false', 'skip.header.line.count' = '2'`);
    expect(await query(spectrum.client, all)).toEqual([rest]);
  });

  it('treats a comma inside quotes as a separator, like Spectrum', async () => {
    await spectrum.createCsv(
      'id varchar(10), detail varchar(20), n int',
      "row format delimited fields terminated by ','",
    );
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/a.csv`,
      '1,plain,5\n2,"BOX, BIG",6\n3,\\N,\\N\n',
    );
    expect(
      await query(spectrum.client, `select id, detail, n from ${spectrum.table} order by id`),
    ).toEqual([
      ['1', 'plain', 5],
      ['2', '"BOX', null],
      ['3', null, null],
    ]);
  });
});

describe('a Parquet table', () => {
  /** Writes the query's rows as a Parquet file. */
  async function parquet(select: string): Promise<Uint8Array> {
    const file = join(spectrum.cloud.directory, `${spectrum.folder}.parquet`);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`copy (${select}) to '${file}' (format parquet)`);
    connection.closeSync();
    return readFile(file);
  }

  it('reads columns by name; a missing one is NULL', async () => {
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (cid varchar(100), ok boolean, n bigint) partitioned by (ds date)
       stored as parquet location '${spectrum.cloud.address(`${spectrum.folder}/`)}'`,
    );
    await spectrum.addPartition('2010-12-01');
    await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/part-0.parquet`,
      await parquet("select true as ok, 'é' as cid"),
    );
    await spectrum.cloud.put(
      `${spectrum.folder}/2010-12-01/part-1.parquet`,
      await parquet("select 'b' as cid, 2::bigint as n, false as ok"),
    );
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/_SUCCESS`, 'x');
    expect(
      await query(
        spectrum.client,
        `select cid, ok, n, ds from ${spectrum.table} order by n nulls first`,
      ),
    ).toEqual([
      ['é', true, null, '2010-12-01'],
      ['b', false, 2, '2010-12-01'],
    ]);
  });

  it('truncates text by bytes and rejects a file that is no Parquet', async () => {
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (cid varchar(3)) stored as parquet location '${spectrum.cloud.address(`${spectrum.folder}/`)}'`,
    );
    await spectrum.cloud.put(
      `${spectrum.folder}/part-0.parquet`,
      await parquet("select 'äöü' as cid"),
    );
    expect(await query(spectrum.client, `select cid from ${spectrum.table}`)).toEqual([['ä']]);
    const address = await spectrum.cloud.put(`${spectrum.folder}/part-1.parquet`, 'id,cid\n1,2\n');
    const state = await execute(spectrum.client, `select cid from ${spectrum.table}`);
    expect(state.Error).toContain('Spectrum Scan Error');
    expect(state.Error).toContain(`File '${address}' has an invalid version number`);
  });

  it('rejects another type and names file and column', async () => {
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (cid varchar(100)) stored as parquet location '${spectrum.cloud.address(`${spectrum.folder}/`)}'`,
    );
    const address = await spectrum.cloud.put(
      `${spectrum.folder}/part-0.parquet`,
      await parquet('select 1 as cid'),
    );
    const state = await execute(spectrum.client, `select * from ${spectrum.table}`);
    expect(state.Error).toContain('Spectrum Scan Error');
    expect(state.Error).toContain(
      `File '${address}' has an incompatible Parquet schema for column 'cid'`,
    );
  });
});

it('leaves no partial object in the cache', async () => {
  const names = await readdir(join(spectrum.cloud.options.stateDir, 'cache'));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
});

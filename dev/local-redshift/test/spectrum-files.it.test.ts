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

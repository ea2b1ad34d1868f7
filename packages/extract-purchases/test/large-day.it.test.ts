import { crc32, gunzipSync } from 'node:zlib';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { copyOut, fileName, openFixture, stage } from './fixture.ts';
import { queryFiles } from './parquet-files.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Hundreds of megabytes on a slow machine.
vi.setConfig({ testTimeout: 600_000 });

const megabyte = 1e6;

/** Makes the job log its peak memory (maxRSS, in kB) to stderr when it exits. */
const preload = `import { writeSync } from "node:fs";
process.on("exit", () => writeSync(2, JSON.stringify(process.resourceUsage()) + "\\n"));`;
/** A small young generation: garbage that waits there would blur the comparison. */
const logMemory = {
  NODE_OPTIONS: `--max-semi-space-size=8 --import=data:text/javascript,${encodeURIComponent(preload)}`,
};

/** Returns the job's peak memory in bytes. */
const peakOf = ({ log }: Ended) => Number(log.at(-1)?.['maxRSS']) * 1024;
const row = "'x'::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code";

describe('a large day', () => {
  it('is uploaded in parts, is stored completely, and needs no more memory than a smaller one (I9)', async () => {
    await using fixture = await openFixture(cloud, { table: false });
    await fixture.database.query(
      `create schema retail; create view retail.user_purchase as
       select ${row}, rpad(n::text, 936, '"')::varchar(1000) as detail, 3 as quantity,
              day as invoice_date, 1::numeric(8, 3) as unit_price, n as customer_id,
              'x'::varchar(20) as country
       from (values (timestamp '2010-12-01', 10000), (timestamp '2010-12-02', 100000)) as days (day, size),
            generate_series(1, size) as n`,
    );
    const env = { ...fixture.env, ...logMemory };
    const smaller = await job.run(env, '--ds=2010-12-01', '--run-id=one');
    const larger = await job.run(env, '--ds=2010-12-02', '--run-id=one');
    expect(smaller.summaries).toMatchObject([{ rows: 10_000, exit: 0 }]);
    expect(larger.summaries).toMatchObject([{ rows: 100_000, exit: 0 }]);

    const [file] = (await fixture.manifest('2010-12-02')).files;
    const key = `${stage}/2010-12-02/one/${fileName}`;
    const bytes = await fixture.bucket.bytes(key);
    // A job that buffers the day needs at least this much more memory. Garbage that is collected late, as
    // on a slow machine, needs proxied less.
    const moreData = bytes.length * 0.9;
    expect(moreData).toBeGreaterThan(150 * megabyte);
    expect(peakOf(larger) - peakOf(smaller)).toBeLessThan(moreData / 2);
    expect(file).toEqual({
      key,
      rows: 100_000,
      bytes: bytes.length,
      crc32: crc32(bytes).toString(16).padStart(8, '0'),
      rowHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    const head = await fixture.bucket.client.send(
      new HeadObjectCommand({ Bucket: fixture.bucket.name, Key: key, ChecksumMode: 'ENABLED' }),
    );
    expect(head.ETag).toMatch(/-\d+"$/);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    expect(head.ChecksumCRC32).toBe(checksum.toString('base64'));
    expect(await fixture.openUploads()).toBe(0);

    // As Parquet, too: the writer holds one row group.
    const parquet = { ...env, OUTPUT_FORMAT: 'parquet' };
    const small = await job.run(parquet, '--ds=2010-12-01', '--run-id=two');
    const large = await job.run(parquet, '--ds=2010-12-02', '--run-id=two');
    expect(large.summaries).toMatchObject([{ status: 'published', rows: 100_000 }]);
    expect(peakOf(large) - peakOf(small)).toBeLessThan(moreData / 2);
  });
});

describe('a large day of a table without an index', () => {
  it('is read by several connections, and its bytes are those of one scan', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `drop index retail.user_purchase_invoice_date;
       insert into retail.user_purchase
       select n::text, 'S', rpad(n::text, 930, case n % 3 when 0 then ',' else 'y' end), n % 4 + 3,
              timestamp '2010-12-01 09:00', 1, nullif(n % 7, 0), 'Norway'
       from generate_series(1, 85000) as n;
       analyze retail.user_purchase`,
    );
    const statuses: unknown[] = [];
    const connectionsUsed: unknown[] = [];
    for (const connections of ['1', '2']) {
      const env = { ...fixture.env, SOURCE_CONNECTIONS: connections };
      const { summaries, log } = await job.run(
        env,
        '--ds=2010-12-01',
        `--run-id=with-${connections}`,
      );
      statuses.push(summaries[0]?.['status']);
      connectionsUsed.push(
        log.find(({ msg }) => String(msg).startsWith('reading ranges'))?.['connections'],
      );
    }
    expect(connectionsUsed).toEqual([undefined, 2]);
    // The output is identical for any number of connections.
    expect(statuses).toEqual(['published', 'unchanged']);
    const expected = await copyOut(fixture.database, 'select * from retail.user_purchase');
    expect(expected.length).toBeGreaterThan(75 * megabyte);
    const bytes = await fixture.bucket.bytes(`${stage}/2010-12-01/with-1/${fileName}`);
    expect(expected.equals(bytes)).toBe(true);
    expect(await fixture.openUploads()).toBe(0);

    // Compressed, each range has a file with a header. Their rows in sequence are the same.
    const packed = await job.run(
      { ...fixture.env, SOURCE_CONNECTIONS: '2', OUTPUT_FORMAT: 'csv.gz' },
      ...['--ds=2010-12-01', '--run-id=packed'],
    );
    expect(packed.summaries).toMatchObject([{ status: 'published', rows: 85_000 }]);
    const { files, totals } = await fixture.manifest('2010-12-01');
    expect(totals.belowQuantity).toBe(0);
    expect(files.length).toBeGreaterThan(1);
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(85_000);
    const header = expected.subarray(0, expected.indexOf('\n') + 1);
    const bodies = [];
    for (const { key } of files) {
      expect(key).toMatch(/\.csv\.gz$/);
      const text = gunzipSync(await fixture.bucket.bytes(key));
      expect(text.subarray(0, header.length).equals(header), key).toBe(true);
      bodies.push(text.subarray(header.length));
    }
    expect(Buffer.concat([header, ...bodies]).equals(expected)).toBe(true);

    // As Parquet, each range has a file of row groups. All of them together have the rows of the CSV.
    const columnar = await job.run(
      { ...fixture.env, SOURCE_CONNECTIONS: '2', OUTPUT_FORMAT: 'parquet' },
      ...['--ds=2010-12-01', '--run-id=columnar'],
    );
    expect(columnar.summaries).toMatchObject([{ status: 'published', rows: 85_000 }]);
    const written = (await fixture.manifest('2010-12-01')).files;
    expect(written.map(({ rows }) => rows)).toEqual(files.map(({ rows }) => rows));
    const contents = await Promise.all(written.map(({ key }) => fixture.bucket.bytes(key)));
    const named = Object.fromEntries(contents.map((file, at) => [`${String(at)}.parquet`, file]));
    const parquet = `read_parquet([${Object.keys(named)
      .map((name) => `'${name}'`)
      .join()}])`;
    const csv = `(select * from read_csv('day.csv', header = true, all_varchar = true))`;
    const typed = `select invoice_number, stock_code, detail, quantity::integer, invoice_date::timestamp,
      unit_price::decimal(18, 5), customer_id::integer, country from ${csv}`;
    const different = `(${typed} except all from ${parquet}) union all (from ${parquet} except all ${typed})`;
    expect(await queryFiles({ ...named, 'day.csv': expected }, different)).toEqual([]);
  });
});

import { crc32, gunzipSync } from 'node:zlib';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copied, fileName, openShop, stage } from './shop.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const megabyte = 1e6;

/** Lets the job tell the peak of its memory, in kB, on stderr as it exits. */
const preload = `import { writeSync } from "node:fs";
process.on("exit", () => writeSync(2, JSON.stringify(process.resourceUsage()) + "\\n"));`;
/** With a small young generation: what waits there to be collected would blur the comparison. */
const tellMemory = {
  NODE_OPTIONS: `--max-semi-space-size=8 --import=data:text/javascript,${encodeURIComponent(preload)}`,
};

/** Bytes. */
const peakOf = ({ log }: Ended) => Number(log.at(-1)?.['maxRSS']) * 1024;
const row = "'x'::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code";

describe('a large day', () => {
  it('goes up in parts, arrives whole, and costs no more memory than a smaller one (I9)', async () => {
    await using shop = await openShop(cloud, { table: false });
    await shop.database.query(
      `create schema retail; create view retail.user_purchase as
       select ${row}, rpad(n::text, 936, '"')::varchar(1000) as detail, 3 as quantity,
              day as invoice_date, 1::numeric(8, 3) as unit_price, n as customer_id,
              'x'::varchar(20) as country
       from (values (timestamp '2010-12-01', 10000), (timestamp '2010-12-02', 50000)) as days (day, size),
            generate_series(1, size) as n`,
    );
    const smaller = await job.run(
      { ...shop.env, ...tellMemory },
      '--ds=2010-12-01',
      '--run-id=one',
    );
    const larger = await job.run({ ...shop.env, ...tellMemory }, '--ds=2010-12-02', '--run-id=one');
    expect([smaller.code, larger.code]).toEqual([0, 0]);
    expect(larger.summaries).toMatchObject([{ rows: 50_000 }]);
    expect(peakOf(larger)).toBeLessThan(160 * megabyte);
    expect(peakOf(larger) - peakOf(smaller)).toBeLessThan(45 * megabyte);

    const [file] = (await shop.manifest('2010-12-02')).files;
    const key = `${stage}/2010-12-02/one/${fileName}`;
    const bytes = await shop.bucket.bytes(key);
    expect(bytes.length).toBeGreaterThan(90 * megabyte);
    expect(file).toEqual({
      key,
      rows: 50_000,
      bytes: bytes.length,
      crc32: crc32(bytes).toString(16).padStart(8, '0'),
      rowHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    const head = await shop.bucket.client.send(
      new HeadObjectCommand({ Bucket: shop.bucket.name, Key: key, ChecksumMode: 'ENABLED' }),
    );
    expect(head.ETag).toMatch(/-\d+"$/);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    expect(head.ChecksumCRC32).toBe(checksum.toString('base64'));
    expect(await shop.openUploads()).toBe(0);
  });
});

describe('a large day of a table without its index', () => {
  it('is read by several connections at once, and its bytes are those of one scan', async () => {
    await using shop = await openShop(cloud);
    await shop.database.query(
      `drop index retail.user_purchase_invoice_date;
       insert into retail.user_purchase
       select n::text, 'S', rpad(n::text, 930, case n % 3 when 0 then ',' else 'y' end), n % 4 + 3,
              timestamp '2010-12-01 09:00', 1, nullif(n % 7, 0), 'Norway'
       from generate_series(1, 85000) as n;
       analyze retail.user_purchase`,
    );
    const statuses: unknown[] = [];
    const shares: unknown[] = [];
    for (const connections of ['1', '2']) {
      const env = { ...shop.env, SOURCE_CONNECTIONS: connections };
      const { summaries, log } = await job.run(
        env,
        '--ds=2010-12-01',
        `--run-id=with-${connections}`,
      );
      statuses.push(summaries[0]?.['status']);
      shares.push(log.find(({ msg }) => String(msg).startsWith('reading ranges'))?.['connections']);
    }
    expect(shares).toEqual([undefined, 2]);
    // Identical output is recognised, whatever the number of connections.
    expect(statuses).toEqual(['published', 'unchanged']);
    const expected = await copied(shop.database, 'select * from retail.user_purchase');
    expect(expected.length).toBeGreaterThan(75 * megabyte);
    const bytes = await shop.bucket.bytes(`${stage}/2010-12-01/with-1/${fileName}`);
    expect(expected.equals(bytes)).toBe(true);
    expect(await shop.openUploads()).toBe(0);

    // Compressed, each range is a file with a header of its own; in order they are the same rows.
    const packed = await job.run(
      { ...shop.env, SOURCE_CONNECTIONS: '2', OUTPUT_FORMAT: 'csv.gz' },
      ...['--ds=2010-12-01', '--run-id=packed'],
    );
    expect(packed.summaries).toMatchObject([{ status: 'published', rows: 85_000 }]);
    const { files } = await shop.manifest('2010-12-01');
    expect(files.length).toBeGreaterThan(1);
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(85_000);
    const header = expected.subarray(0, expected.indexOf('\n') + 1);
    const bodies = [];
    for (const { key } of files) {
      expect(key).toMatch(/\.csv\.gz$/);
      const text = gunzipSync(await shop.bucket.bytes(key));
      expect(text.subarray(0, header.length).equals(header), key).toBe(true);
      bodies.push(text.subarray(header.length));
    }
    expect(Buffer.concat([header, ...bodies]).equals(expected)).toBe(true);
  });
});

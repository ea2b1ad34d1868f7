/** PostgreSQL reads back any content of the table from the file, and a look finds any change of it. */
import { gunzipSync } from 'node:zlib';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { parseDs } from '@user-behaviour/shared/ds';
import { completeManifest, type Draft } from '@user-behaviour/shared/manifest/manifest';
import { anyText } from '@user-behaviour/testkit/any-text';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { checkProperty, propertyTimeout } from '@user-behaviour/testkit/property';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, digestsQuery } from '../src/source/digests.ts';
import { copyIn, insertRow, openFixture, stage } from './fixture.ts';
import { csvOfParquet } from './parquet-files.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const orNull = <T>(any: fc.Arbitrary<T>) => fc.option(any, { freq: 6 });

/** How the table differs from the documented one. */
const tables = {
  documented: '',
  // A price then has the scale of its text, and padding is no part of a text.
  wide: `alter table retail.user_purchase
    alter column unit_price type numeric, alter column quantity type bigint,
    alter column customer_id type bigint, alter column invoice_number type character(12)`,
  partitioned: `alter table retail.user_purchase rename to documented;
    create table retail.user_purchase (like retail.documented) partition by range (invoice_date);
    create table retail.morning partition of retail.user_purchase
      for values from ('2010-12-01') to ('2010-12-01 12:00');
    create table retail.others partition of retail.user_purchase default`,
};

/** Prices of up to five decimals; how many of them are zeros matters to a hash of texts. */
const price = fc
  .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 3 }))
  .map(
    ([n, zeros]) =>
      `${String(n / 1_000)}${Number.isInteger(n / 1_000) ? '.' : ''}${'0'.repeat(zeros)}`,
  );

/** The content of a file, by its format. */
const csvOf = {
  csv: (bytes: Uint8Array) => bytes,
  'csv.gz': (bytes: Uint8Array) => gunzipSync(bytes),
  parquet: csvOfParquet,
} as const;

const row = fc.record({
  invoice_number: anyText(10),
  stock_code: anyText(20),
  detail: anyText(200),
  quantity: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  // Microseconds since midnight.
  at: fc.integer({ min: 0, max: 86_400e6 - 1 }),
  // The load cannot take a purchase without a price.
  unit_price: price,
  customer_id: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  country: anyText(20),
});
const anyRows = fc.noBias(fc.array(row, { minLength: 1, maxLength: 200, size: 'max' }));

it(
  'a file holds any rows of the table unchanged, keeps null and the empty string apart, and has the digest of PostgreSQL',
  () =>
    checkProperty(
      fc.tuple(
        anyRows,
        fc.constantFrom('csv', 'csv.gz', 'parquet'),
        fc.constantFrom(...Object.values(tables)),
      ),
      6,
      async ([rows, format, table]) => {
        await using fixture = await openFixture(cloud);
        await fixture.database.query(table);
        // On no day, and on others.
        await fixture.database.query(
          ['infinity', '-infinity', '2010-11-30 23:59:59.999999', '2010-12-02']
            .map((time) => insertRow(time))
            .join(';'),
        );
        await fixture.database.query(
          `insert into retail.user_purchase
         select invoice_number, stock_code, detail, quantity,
                timestamp '2010-12-01' + at * interval '1 microsecond', unit_price, customer_id, country
         from json_to_recordset($1) as given (invoice_number text, stock_code text, detail text,
           quantity integer, at bigint, unit_price numeric, customer_id integer, country text)`,
          [JSON.stringify(rows)],
        );
        const env = { ...fixture.env, OUTPUT_FORMAT: format };
        expect(await job.run(env, '--ds=2010-12-01')).toMatchObject({ code: 0 });
        await fixture.database.query('create table back (like retail.user_purchase)');
        const { files, source } = await fixture.manifest('2010-12-01');
        // The scanner's digest is PostgreSQL's.
        const day = { ds: parseDs('2010-12-01'), minQuantity: 2 };
        const digests = await fixture.database.query(digestsQuery([day], 140_000));
        expect(source?.digest).toEqual(digestsOf(digests, 140_000)(day.ds));
        for (const { key } of files) {
          const bytes = await fixture.bucket.bytes(key);
          await copyIn(fixture.database, 'back', await csvOf[format](bytes));
        }
        const different = await fixture.database.query(
          `with here as (select * from retail.user_purchase where quantity > 2 and invoice_date::date = '2010-12-01')
         (table here except all table back) union all (table back except all table here)`,
        );
        expect(different).toEqual([]);
      },
    ),
  propertyTimeout,
);

describe('a look at the source', () => {
  const row = (ds: string, invoice: string, quantity = 6) =>
    insertRow(`${ds} 08:26:00`, { invoice, quantity });
  const range = ['--ds=2010-12-01', '--through=2010-12-08'];
  const verdicts = ({ summaries }: Ended) =>
    Object.fromEntries(summaries.map(({ ds, verdict }) => [String(ds).slice(8), verdict]));

  it('finds every change with a role that may only read, and each is extracted once', async () => {
    await using fixture = await openFixture(cloud);
    const { database, bucket, env } = fixture;
    const role = `looks_${String(process.pid)}`;
    const ofDays = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => `2010-12-0${String(from + index)}`);
    await database.query(
      ofDays(1, 8)
        .flatMap((ds) => [row(ds, 'a'), row(ds, 'b')])
        .join(';'),
    );
    await job.run(env, '--ds=2010-12-01', '--through=2010-12-07');
    await database.query(
      `create role ${role} login password 'p';
       grant usage on schema retail to ${role};
       grant select on retail.user_purchase to ${role}`,
    );
    try {
      const url = new URL(database.url);
      [url.username, url.password] = [role, 'p'];
      const asReader = { ...env, SOURCE_DATABASE_URL: url.href };
      const look = () => job.run(asReader, '--look', ...range);
      const before = await look();
      expect([before.code, new Set(Object.values(verdicts(before)))]).toEqual([
        0,
        new Set(['same', 'missing']),
      ]);

      await database.query(
        [
          // An update that leaves the number of rows, one that only another scale shows, and a delete alone.
          `update retail.user_purchase set customer_id = 1 where invoice_date::date = '2010-12-01' and invoice_number = 'a'`,
          `delete from retail.user_purchase where invoice_date::date = '2010-12-02' and invoice_number = 'b'`,
          // A move between two days, and a row below the quantity.
          `update retail.user_purchase set invoice_date = '2010-12-04 09:00' where invoice_date::date = '2010-12-03' and invoice_number = 'a'`,
          row('2010-12-05', 'small', 1),
          // Changed there and back.
          `update retail.user_purchase set country = 'Norway' where invoice_date::date = '2010-12-06'`,
          `update retail.user_purchase set country = 'United Kingdom' where invoice_date::date = '2010-12-06'`,
        ].join(';'),
      );
      // As an older release published it.
      const key = `${stage}/2010-12-07/_manifest.json`;
      const older = { ...(await fixture.manifest('2010-12-07')), source: undefined };
      await bucket.put(key, JSON.stringify(older));
      const keys = await bucket.keys();
      const looked = await look();
      expect(verdicts(looked)).toEqual({
        ...{ '01': 'changed', '02': 'changed', '03': 'changed', '04': 'changed' },
        ...{ '05': 'changed', '06': 'same', '07': 'unknown', '08': 'missing' },
      });
      expect(looked.summaries[1]).toMatchObject({
        ...{ status: 'looked', rows: 1, published: { rows: 2 }, exit: 0 },
      });
      expect(await bucket.keys()).toEqual(keys);

      // The last day alone, and of the seven days before it what differs.
      const extracted = await job.run(asReader, '--ds=2010-12-08', '--look-back=7');
      const statuses = extracted.summaries.map(({ ds, status }) => [ds, status]);
      expect(Object.fromEntries(statuses)).toEqual({
        ...Object.fromEntries(['1', '2', '3', '4', '8'].map((d) => [`2010-12-0${d}`, 'published'])),
        // The file of the same rows: only the manifest learns of the source.
        ...{ '2010-12-05': 'unchanged', '2010-12-07': 'unchanged' },
      });
      const moved = await fixture.manifest('2010-12-07');
      expect(moved).toEqual({ ...older, source: moved.source });
      expect(moved.source?.digest?.rows).toBe(2);
      expect(new Set(Object.values(verdicts(await look())))).toEqual(new Set(['same']));
      const again = await job.run(asReader, '--ds=2010-12-08', '--look-back=7');
      expect(again.summaries.map(({ ds, status }) => [ds, status])).toEqual([
        ['2010-12-08', 'unchanged'],
      ]);
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('finds the one changed day of a thousand', async () => {
    await using fixture = await openFixture(cloud);
    const { database, bucket, env } = fixture;
    await database.query(
      `insert into retail.user_purchase
       select n::text, 'S', 'd', 6, timestamp '2010-01-01' + n * interval '8 hours', 1.5, 1, 'Norway'
       from generate_series(0, 2999) as n`,
    );
    const thousand = ['--look', '--ds=2010-01-01', '--through=2012-09-26'];
    const before = await job.run(env, ...thousand);
    expect(before.summaries).toHaveLength(1_000);
    // The manifests, as an extraction of each day would have published them.
    await mapConcurrently(16, before.summaries, async ({ ds, rows, hash }) => {
      const draft = { dataset: stage, ds, run: 'one', job: { name: 'j', version: '1' } } as const;
      const times = { startedAt: new Date(0), finishedAt: new Date(0) };
      const facts = { parameters: {}, upstream: [], files: [], source: { digest: { rows, hash } } };
      const manifest = completeManifest({ ...draft, ...times, ...facts } as Draft, 1);
      await bucket.put(`${stage}/${String(ds)}/_manifest.json`, JSON.stringify(manifest));
    });
    const changed = async () =>
      (await job.run(env, ...thousand)).summaries
        .filter(({ verdict }) => verdict !== 'same')
        .map(({ ds, verdict }) => [ds, verdict]);
    expect(await changed()).toEqual([]);
    await database.query(
      `update retail.user_purchase set unit_price = 1.6 where invoice_number = '1501'`,
    );
    expect(await changed()).toEqual([['2011-05-16', 'changed']]);
  });

  it('tells two days apart by records and by texts, as older servers do', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `alter table retail.user_purchase alter column unit_price type numeric;
       ${row('2010-12-01', 'a')};
       ${insertRow('2010-12-01 09:00', { invoice: 'b', quantity: 8, customer: '17851' })}`,
    );
    const hashes = async () => {
      const found: string[] = [];
      for (const version of [130_000, 140_000]) {
        const day = parseDs('2010-12-01');
        const rows = await fixture.database.query(
          digestsQuery([{ ds: day, minQuantity: 2 }], version),
        );
        found.push(digestsOf(rows, version)(day).hash);
      }
      return found;
    };
    const changes = [
      // The two rows exchange a value.
      'customer_id = 35701 - customer_id',
      'quantity = 14 - quantity',
      `invoice_date = timestamp '2010-12-01 08:26' + (timestamp '2010-12-01 09:00' - invoice_date)`,
      // Another scale is another text in the file.
      'unit_price = 3.3900',
      `detail = ''`,
      'detail = null',
      'customer_id = null',
      `country = country || ' '`,
      'unit_price = quantity',
      'unit_price = 14 - unit_price',
    ];
    const seen = [await hashes()];
    for (const change of changes) {
      await fixture.database.query(`update retail.user_purchase set ${change}`);
      seen.push(await hashes());
    }
    for (const index of [0, 1]) {
      expect(new Set(seen.map((both) => both[index])).size).toBe(changes.length + 1);
    }
  });
});

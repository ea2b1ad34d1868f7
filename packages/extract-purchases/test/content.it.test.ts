/** PostgreSQL reads back any content of the table from the file. */
import { gunzipSync } from 'node:zlib';
import { anyText } from '@user-behaviour/testkit/any-text';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { checkProperty, propertyTimeout } from '@user-behaviour/testkit/property';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyIn, openFixture } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const orNull = <T>(any: fc.Arbitrary<T>) => fc.option(any, { freq: 6 });

const row = fc.record({
  invoice_number: anyText(10),
  stock_code: anyText(20),
  detail: anyText(200),
  quantity: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  // Microseconds since midnight.
  at: fc.integer({ min: 0, max: 86_400e6 - 1 }),
  // The load cannot take a purchase without a price.
  unit_price: fc.integer({ min: -99_999_999, max: 99_999_999 }).map((n) => n / 1_000),
  customer_id: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  country: anyText(20),
});
const anyRows = fc.noBias(fc.array(row, { minLength: 1, maxLength: 200, size: 'max' }));

it(
  'a file holds any rows of the table unchanged, and keeps null and the empty string apart',
  () =>
    checkProperty(
      fc.tuple(anyRows, fc.constantFrom('csv', 'csv.gz')),
      4,
      async ([rows, format]) => {
        await using fixture = await openFixture(cloud);
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
        const { files } = await fixture.manifest('2010-12-01');
        for (const { key } of files) {
          const bytes = await fixture.bucket.bytes(key);
          await copyIn(fixture.database, 'back', format === 'csv' ? bytes : gunzipSync(bytes));
        }
        const different = await fixture.database.query(
          `with here as (select * from retail.user_purchase where quantity > 2)
         (table here except all table back) union all (table back except all table here)`,
        );
        expect(different).toEqual([]);
      },
    ),
  propertyTimeout,
);

/** Any content of the purchases table, from Postgres through the file and the external table to the metric. */
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { parseManifest } from '@user-behaviour/shared/manifest/manifest';
import { checkProperty, propertyTimeout } from '@user-behaviour/testkit/property';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadFixture, openFixture } from './load-fixture.ts';
import { anyDays, datedFrom, type Day, type Sale } from './random-days.ts';
import { expectSlices, rangeOf, sourceOf, stageAllReviews, TwoJobs } from './upstream.ts';

let cloud: TestCloud;
let extract: BundledJob;
let load: BundledJob;
beforeAll(async () => {
  extract = await bundleJob('extract-purchases');
  load = await bundleJob('redshift-load');
  cloud = await startLocalServers(['postgres', 's3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

async function openDays(generated: readonly Day[]) {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud, load));
  const days = datedFrom(fixture.ds, generated);
  const database = stack.use(await sourceOf(cloud, days));
  await stageAllReviews(fixture.bucket, days);
  const all = stack.move();
  return {
    fixture,
    days,
    database,
    env: { ...fixture.env, SOURCE_DATABASE_URL: database.url },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

const formatOf = async (fixture: LoadFixture, ds: string) => {
  const key = `user_purchase/stage/${ds}/_manifest.json`;
  return parseManifest(await fixture.bucket.text(key), key).parameters['format'];
};

describe('a history of two formats', () => {
  it(
    'has the metric of CSV, day by day and in one set, and each day may change its format again',
    () =>
      checkProperty(anyDays(3), 1, async (generated) => {
        await using world = await openDays(generated);
        const { fixture, days, env } = world;
        const jobs = new TwoJobs(extract, load);
        const all = [...days.keys()];
        const [, second = fixture.ds] = all;
        const one = `--ds=${second}`;
        await jobs.run(env, ...rangeOf(days));
        await expectSlices(fixture, days);
        const parquet = { ...env, OUTPUT_FORMAT: 'parquet' };
        expect(await jobs.run(parquet, one)).toEqual(['loaded']);
        expect(await Promise.all(all.map((ds) => formatOf(fixture, ds)))).toEqual([
          'csv',
          'parquet',
          'csv',
        ]);
        await expectSlices(fixture, days);
        expect((await load.run(env, ...rangeOf(days))).summaries).toMatchObject(
          all.map(() => ({ status: 'unchanged' })),
        );

        // All days in one transaction.
        const forced = await load.run(env, ...rangeOf(days), '--force');
        expect(forced.summaries).toMatchObject(all.map(() => ({ status: 'loaded' })));
        await expectSlices(fixture, days);

        // Nulls and empty texts differ in the table of Parquet.
        const texts = 'invoice_number, detail, country, customer_id';
        const here = await world.database.query(
          `select ${texts} from retail.user_purchase where quantity > 2 and invoice_date::date = $1`,
          [second],
        );
        const there = await fixture.warehouse.query(
          `select ${texts} from spectrum.user_purchase_staging_parquet where insert_date = '${second}'`,
        );
        const asText = (rows: readonly object[]) =>
          rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                value == null ? null : String(value),
              ]),
            ),
          );
        expect(sorted(asText(there as readonly object[]))).toEqual(
          sorted(asText(here as readonly object[])),
        );

        expect(await jobs.run(env, one)).toEqual(['loaded']);
        expect(await formatOf(fixture, second)).toBe('csv');
        await expectSlices(fixture, days);
      }),
    propertyTimeout,
  );
});

describe('any texts', () => {
  it(
    'reach the external table unchanged, except for its two limits, and the metric is right',
    () =>
      checkProperty(anyDays(3), 3, async (generated) => {
        await using world = await openDays(generated);
        const { fixture, days, database } = world;
        await new TwoJobs(extract, load).run(world.env, ...rangeOf(days));
        await expectSlices(fixture, days);
        // To the external table null is an empty text, and every line break within quotes is \n.
        const columns = ['invoice_number', 'detail', 'country', 'customer_id'];
        const plain = (column: string) =>
          `regexp_replace(coalesce(${column}::text, ''), '\\r\\n?', e'\\n', 'g') as ${column}`;
        const here = await database.query(
          `select ${columns.map(plain).join(', ')} from retail.user_purchase where quantity > 2`,
        );
        const there = await fixture.warehouse.query(
          `select ${columns.map((column) => `coalesce(${column}, '') as ${column}`).join(', ')}
           from spectrum.user_purchase_staging
           where insert_date between '${fixture.ds}' and '${[...days.keys()].at(-1) ?? ''}'`,
        );
        expect(sorted(there)).toEqual(sorted(here));
      }),
    propertyTimeout,
  );
});

const sale = (invoice: string, detail: string | null): Sale => ({
  invoice,
  detail,
  quantity: 3,
  price: '1.500',
  customer: 12_000,
  country: 'x',
});
const nobody: Sale = { ...sale('nobody', 'b'), customer: null };
const reviews = [{ customer: 12_000, positive: true }];

describe('what the external table cannot distinguish (ADR 4)', () => {
  it('stays distinct in the file, and changes no number of the metric', async () => {
    const sales = [
      sale('empty', ''),
      sale('null', null),
      sale('crlf', 'a\r\nb'),
      sale('cr', 'a\rb'),
      sale('lf', 'a\nb'),
      sale('escape', 'a\u0001b'),
      sale('escapes', 'a\u0001\u0001b'),
      sale('quoted', 'a,\u0001b'),
    ];
    await using world = await openDays([{ sales, reviews }]);
    const { fixture } = world;
    await new TwoJobs(extract, load).run(world.env, `--ds=${fixture.ds}`, '--run-id=one');
    const key = `user_purchase/stage/${fixture.ds}/one/temp_filtered_user_purchase.csv`;
    const rest = `3,${fixture.ds} 08:00:00,1.500,12000,x\n`;
    const line = (invoice: string, detail: string) => `${invoice},code,${detail},${rest}`;
    expect((await fixture.bucket.text(key)).replace(/^.*\n/, '')).toBe(
      [
        line('empty', '""'),
        line('null', ''),
        line('crlf', '"a\r\nb"'),
        line('cr', '"a\rb"'),
        line('lf', '"a\nb"'),
        line('escape', 'a\u0001b'),
        line('escapes', 'a\u0001\u0001b'),
        line('quoted', '"a,\u0001b"'),
      ].join(''),
    );
    const found = await fixture.warehouse.query(
      `select invoice_number as invoice, detail from spectrum.user_purchase_staging
       where insert_date = '${fixture.ds}'`,
    );
    expect(new Map(found.map(({ invoice, detail }) => [invoice, detail]))).toEqual(
      new Map([
        ['empty', ''],
        ['null', ''],
        ['crlf', 'a\nb'],
        ['cr', 'a\nb'],
        ['lf', 'a\nb'],
        ['escape', 'ab'],
        ['escapes', 'ab'],
        ['quoted', 'a,b'],
      ]),
    );
    await expectSlices(fixture, world.days);
  });

  it.each<readonly [string, readonly Sale[], string]>([
    ['U+0001 before a quote, which merges two rows', [sale('odd', 'a,\u0001')], '"a,\u0001",3,'],
    [
      'U+0001 that merges two rows and splits another, so that the count is right',
      [sale('odd', '\u0001"\n'), sale('runs on', 'a,\u0001'), nobody],
      '"\u0001""\n",3,',
    ],
  ])('fails, and nothing is loaded: %s', async (_, odd, line) => {
    await using world = await openDays([{ sales: [...odd, sale('next', 'b')], reviews }]);
    const { fixture } = world;
    const day = `--ds=${fixture.ds}`;
    expect(await extract.run(world.env, day, '--run-id=one')).toMatchObject({ code: 0 });
    const file = await fixture.bucket.text(
      `user_purchase/stage/${fixture.ds}/one/temp_filtered_user_purchase.csv`,
    );
    expect(file).toContain(`\nodd,code,${line}`);
    const { code, summaries } = await load.run(world.env, day);
    expect(summaries).toMatchObject([{ status: 'failed', kind: 'data', exit: 65 }]);
    expect(code).toBe(65);
    expect(await fixture.slice()).toEqual([]);
    expect(await fixture.ledger()).toBeUndefined();
  });
});

/** Purchases that the load cannot take, and types of columns that fit. */
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, fileName, insertRow, openFixture, stage } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

/** The table with the widest types that are accepted, and rows (0,1) and (0,2) that can be loaded. */
async function openWideTable(): Promise<Fixture> {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud));
  await fixture.database.query(
    `alter table retail.user_purchase
       alter invoice_number type text, alter stock_code type text, alter detail type text,
       alter quantity type bigint, alter unit_price type numeric, alter customer_id type bigint,
       alter country type text;
     ${insertRow('2010-12-01 08:00')}; ${insertRow('2010-12-01 09:00', { customer: 'null' })}`,
  );
  stack.move();
  return fixture;
}

/** Adds a row with this value. */
const withValue = ({ database }: Fixture, column: string, value: string, ds = '2010-12-01') =>
  database.query(
    `insert into retail.user_purchase
     select '536365', '71053', 'WHITE METAL LANTERN', 6, timestamp '${ds} 10:00', 3.39, 17850, 'United Kingdom';
     update retail.user_purchase set ${column} = ${value}
     where ctid = (select max(ctid) from retail.user_purchase)`,
  );

const bad: readonly (readonly [string, string, string])[] = [
  ['unit_price', "'NaN'", 'unit_price is not a number'],
  ['unit_price', "'Infinity'", 'unit_price has more than 13 digits before the point'],
  ['unit_price', 'null', 'unit_price is null'],
  ['unit_price', '10000000000000', 'unit_price has more than 13 digits before the point'],
  ['unit_price', '-10000000000000', 'unit_price has more than 13 digits before the point'],
  ['unit_price', '0.000001', 'unit_price has more than 5 decimals'],
  ['unit_price', '1234567890123.000000000', 'unit_price has more than 20 characters'],
  ['quantity', '2147483648', 'quantity is larger than an integer'],
  ['customer_id', '2147483648', 'customer_id is not an integer'],
  ['customer_id', '-2147483649', 'customer_id is not an integer'],
  ['invoice_number', "repeat('x', 41)", 'invoice_number has more than 40 bytes'],
  ['stock_code', "repeat('é', 41)", 'stock_code has more than 80 bytes'],
  ['detail', "repeat('€', 1334)", 'detail has more than 4000 bytes'],
  ['detail', "repeat('x', 1000000)", 'detail has more than 4000 bytes'],
  ['country', "repeat('x', 81)", 'country has more than 80 bytes'],
];

const good: readonly (readonly [string, string])[] = [
  ['unit_price', '1.50000000'],
  ['unit_price', '-9999999999999.99999'],
  ['quantity', '2147483647'],
  ['customer_id', '-2147483648'],
  ['customer_id', 'null'],
  ['invoice_number', "repeat('x', 40)"],
  ['stock_code', "repeat('é', 40)"],
  ['detail', "repeat('€', 1333)"],
  ['detail', 'null'],
  ['country', "repeat('x', 80)"],
];

describe('a purchase that the load cannot take', () => {
  it('is refused with the column, the reason, the count and the place, and without its values (I10)', async () => {
    await using fixture = await openWideTable();
    for (const [column, value] of bad) await withValue(fixture, column, value);
    await withValue(fixture, 'unit_price', "'NaN'", '2010-12-02');
    const ended = await job.run(fixture.env, day);
    expect(ended.summaries).toMatchObject([{ status: 'failed', kind: 'data', exit: 65 }]);
    const message = String(ended.summaries[0]?.['message']);
    expect(message).toContain('15 of 17 purchases of 2010-12-01 cannot be loaded');
    for (const [, , reason] of bad) expect(message).toContain(`${reason}: `);
    expect(message).toMatch(
      /digits before the point: 3 \(retail\.user_purchase \(\d+,\d+\), .*, .*\)/,
    );
    expect(message).toMatch(/is not a number: 1 \(retail\.user_purchase \(\d+,\d+\)\)/);
    expect(JSON.stringify(ended)).not.toMatch(/xxxx|2147483648|17850|WHITE METAL/);
    expect(String(ended.summaries[0]?.['action'])).toContain('BAD_PURCHASES=quarantine');
    expect(await fixture.bucket.keys()).toEqual([]);
    expect(await fixture.openUploads()).toBe(0);
  });

  it('is quarantined if that is set: counted, kept and left out; a rerun changes nothing', async () => {
    await using fixture = await openWideTable();
    for (const [column, value] of bad) await withValue(fixture, column, value);
    const env = { ...fixture.env, BAD_PURCHASES: 'quarantine', MAX_REJECTED_PURCHASES: '0.9' };
    const ended = await job.run(env, day, '--run-id=one');
    expect(ended.summaries).toMatchObject([{ status: 'published', rows: 2, rejected: 15 }]);
    const manifest = await fixture.manifest('2010-12-01');
    expect(manifest.parameters).toMatchObject({
      badPurchases: 'quarantine',
      maxRejectedPurchases: 0.9,
    });
    const expected = Object.groupBy(bad, ([, , reason]) => reason);
    expect(manifest.rejected).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([reason, rows = []]) => [reason, rows.length]),
      ),
    );
    const file = await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`);
    expect(file.trimEnd().split('\n')).toHaveLength(3);
    const key = 'user_purchase/rejects/2010-12-01/one/rejected_purchases.csv';
    const [header, ...rejects] = (await fixture.bucket.text(key)).trimEnd().split('\n');
    expect(header).toBe(
      'reason,invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country',
    );
    expect(rejects).toHaveLength(15);
    expect(rejects[0]).toMatch(/^unit_price is not a number,536365,.*,NaN,17850,United Kingdom$/);

    const again = await job.run(env, day, '--run-id=two');
    expect(again.summaries).toMatchObject([{ status: 'unchanged', rows: 2 }]);
    expect((await fixture.bucket.keys()).filter((one) => one.includes('/two/'))).toEqual([]);

    const strict = await job.run({ ...env, MAX_REJECTED_PURCHASES: '0.88' }, day);
    expect(strict.summaries).toMatchObject([{ status: 'failed', exit: 65 }]);
    expect(strict.summaries[0]?.['message']).toContain('allows a share of 0.88');

    // The published rows stay, and one bad row less is a change.
    await fixture.database.query(`delete from retail.user_purchase where unit_price = 'NaN'`);
    const fewer = await job.run(env, day, '--run-id=three');
    expect(fewer.summaries).toMatchObject([{ status: 'published', rows: 2, rejected: 14 }]);
  });

  it.each([
    ['in each range', 'n % 500 = 7', 4, /not a number: 4 \((.*, ){3}…\)$/],
    ['after the first range', 'n = 300', 1, /not a number: 1 \(retail[^,]*,[^,]*\)$/],
  ])(
    'is found by one of several connections, which then continue without it: %s',
    async (_, isBad, count, message) => {
      await using fixture = await openFixture(cloud);
      await fixture.database.query(
        `drop index retail.user_purchase_invoice_date;
       alter table retail.user_purchase set (autovacuum_enabled = false);
       insert into retail.user_purchase
       select n::text, 'S', repeat('y', 900), 3, timestamp '2010-12-01 09:00',
              case when ${isBad} then 'NaN'::numeric else 1 end, n, 'Norway'
       from generate_series(1, 2000) as n;
       update pg_class set relpages = 100, reltuples = 1e8 where relname = 'user_purchase'`,
      );
      const env = { ...fixture.env, SOURCE_CONNECTIONS: '2' };
      const refused = await job.run(env, day);
      expect(refused.summaries[0]?.['message']).toMatch(message);
      const quarantine = { ...env, BAD_PURCHASES: 'quarantine' };
      const ended = await job.run(quarantine, day, '--run-id=one');
      expect(ended.summaries).toMatchObject([
        { status: 'published', rows: 2_000 - count, rejected: count },
      ]);
      const ranges = ended.log.filter(({ msg }) => String(msg).startsWith('reading ranges'));
      expect(ranges.at(-1)).toMatchObject({ connections: 2 });
      const single = await job.run({ ...quarantine, SOURCE_CONNECTIONS: '1' }, day);
      expect(single.summaries).toMatchObject([{ status: 'unchanged' }]);
      expect(await fixture.sessions()).toEqual([]);
    },
  );

  it('is found in a view and in a partition', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `alter table retail.user_purchase rename to others;
       create table retail.user_purchase (like retail.others) partition by range (invoice_date);
       alter table retail.user_purchase attach partition retail.others default;
       ${insertRow('2010-12-01 08:00')};
       update retail.others set unit_price = 'NaN'`,
    );
    const partition = await job.run(fixture.env, day);
    expect(partition.summaries[0]?.['message']).toContain('(retail.others (0,2))');
    await fixture.database.query(
      `alter table retail.user_purchase rename to parts;
       create view retail.user_purchase as select * from retail.parts`,
    );
    const view = await job.run(fixture.env, day);
    expect(view.summaries[0]?.['message']).toContain('is not a number: 1 (row 1)');
  });
});

it('a purchase at the limits of the load is published as it is', async () => {
  await using fixture = await openWideTable();
  for (const [column, value] of good) await withValue(fixture, column, value);
  const ended = await job.run(fixture.env, day, '--run-id=one');
  expect(ended.summaries).toMatchObject([{ status: 'published', rows: 12, rejected: 0 }]);
  const file = await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`);
  expect(file).toContain(',1.50000000,');
  expect(file).toContain(',-9999999999999.99999,');
});

it('domains and padded texts over fitting types give the bytes of those types', async () => {
  await using fixture = await openFixture(cloud);
  await fixture.database.query(insertRow('2010-12-01 08:00'));
  const plain = await job.run(fixture.env, day, '--run-id=plain');
  expect(plain.summaries).toMatchObject([{ status: 'published', rows: 1 }]);
  await fixture.database.query(
    `create domain retail.money_amount as numeric(8, 3) check (value >= 0);
     create domain retail.price as retail.money_amount;
     create domain retail.moment as timestamp;
     create domain retail.code as char(20);
     create domain retail.amount as integer not null;
     alter table retail.user_purchase
       alter invoice_number type char(10), alter stock_code type retail.code, alter detail type bpchar,
       alter quantity type retail.amount, alter invoice_date type retail.moment,
       alter unit_price type retail.price, alter customer_id type smallint, alter country type char(20)`,
  );
  const other = await job.run(fixture.env, day, '--run-id=other');
  expect(other.summaries).toMatchObject([{ status: 'unchanged', exit: 0 }]);
  expect((await job.run(fixture.env, '--check')).code).toBe(0);
  await fixture.database.query(
    `create domain retail.word as varchar(10);
     alter table retail.user_purchase alter unit_price type retail.word`,
  );
  const refused = await job.run(fixture.env, day);
  expect(refused.summaries[0]?.['message']).toContain(
    'column unit_price is character varying, expected numeric',
  );
});

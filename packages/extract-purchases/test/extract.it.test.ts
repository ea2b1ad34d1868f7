import { crc32, gunzipSync } from 'node:zlib';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };
import { copyOut, fileName, insertRow, openFixture, stage } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

describe('a day of purchases', () => {
  it("has the bytes of PostgreSQL's COPY, which its manifest describes", async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `insert into retail.user_purchase
       select n::text, 'S' || n, 'item ' || n, n % 10, timestamp '2010-11-30 12:00' + n * interval '1 minute',
              n / 7.0, case when n % 9 = 0 then null else 12000 + n % 50 end, 'Norway'
       from generate_series(1, 4000) as n`,
    );
    const expected = await copyOut(
      fixture.database,
      `select * from retail.user_purchase where invoice_date::date = '2010-12-01' and quantity >= 3`,
    );
    const { code, summaries, log } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    const key = `${stage}/2010-12-01/one/${fileName}`;
    expect(Buffer.from(await fixture.bucket.bytes(key))).toEqual(expected);
    const rows = expected.toString().split('\n').length - 2;
    expect(rows).toBe(1008);
    expect(summaries).toMatchObject([
      {
        job: 'extract-purchases',
        ds: '2010-12-01',
        run: 'one',
        status: 'published',
        rows,
        minQuantity: 2,
        exit: 0,
      },
    ]);
    expect(log.find(({ publishedRun }) => publishedRun === 'one')).toMatchObject({
      minQuantity: 2,
    });
    expect(await fixture.manifest('2010-12-01')).toMatchObject({
      version: 1,
      dataset: stage,
      ds: '2010-12-01',
      run: 'one',
      generation: 1,
      job: { name: 'extract-purchases', version: packageFile.version },
      parameters: { minQuantity: 2 },
      upstream: [],
      files: [
        {
          key,
          rows,
          bytes: expected.length,
          crc32: crc32(expected).toString(16).padStart(8, '0'),
          rowHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        },
      ],
      totals: { files: 1, bytes: expected.length, rows, rejected: 0, belowQuantity: 1440 - rows },
    });
  });

  it('starts at midnight UTC, ends before the next midnight, and omits small quantities', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      [
        insertRow('2010-11-30 23:59:59.999999', { invoice: 'before' }),
        insertRow('2010-12-01 00:00:00', { invoice: 'first' }),
        insertRow('2010-12-01 12:00:00', { invoice: 'two', quantity: 2 }),
        insertRow('2010-12-01 12:00:00', { invoice: 'back', quantity: -6 }),
        insertRow('2010-12-01 12:00:00', { invoice: 'three', quantity: 3 }),
        insertRow('2010-12-01 12:00:00', { invoice: 'anonymous', customer: 'null' }),
        insertRow('2010-12-01 23:59:59.999999', { invoice: 'last' }),
        insertRow('2010-12-02 00:00:00', { invoice: 'after' }),
      ].join(';'),
    );
    await fixture.database.query(
      `alter database ${fixture.database.name} set timezone = 'Asia/Tokyo'`,
    );
    await fixture.database.query(
      `alter database ${fixture.database.name} set datestyle = 'German'`,
    );
    await job.run(fixture.env, day, '--run-id=one');
    expect(await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`)).toBe(
      [
        'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country',
        'first,71053,WHITE METAL LANTERN,6,2010-12-01 00:00:00,3.390,17850,United Kingdom',
        'three,71053,WHITE METAL LANTERN,3,2010-12-01 12:00:00,3.390,17850,United Kingdom',
        'anonymous,71053,WHITE METAL LANTERN,6,2010-12-01 12:00:00,3.390,,United Kingdom',
        'last,71053,WHITE METAL LANTERN,6,2010-12-01 23:59:59.999999,3.390,17850,United Kingdom',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['fails', "raise exception 'not now'"],
    ['loses its connection', 'perform pg_terminate_backend(pg_backend_pid())'],
  ])('is published if its digest cannot be taken because that %s', async (_, trouble) => {
    await using fixture = await openFixture(cloud, { table: false });
    await fixture.database.query(
      `create schema retail;
       create function retail.seen(quantity int) returns int language plpgsql as $$
       begin
         if current_query() like '%count(*)%' then ${trouble}; end if;
         return quantity;
       end $$;
       create table retail.kept as select 'a' as invoice_number, 'b' as stock_code, 'c' as detail, n as quantity,
         timestamp '2010-12-01 08:00' as invoice_date, 1.5 as unit_price, 7 as customer_id, 'UK' as country
       from generate_series(1, 5) as n;
       create view retail.user_purchase as
       select invoice_number, stock_code, detail, quantity, invoice_date,
         unit_price::numeric(8, 3), customer_id, country::varchar(20)
       from retail.kept
       where retail.seen(quantity) is not null`,
    );
    const days = ['--ds=2010-12-01', '--through=2010-12-02'];
    const { code, summaries, log } = await job.run(fixture.env, ...days, '--parallel=1');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([
      { status: 'published', rows: 3 },
      { status: 'published', rows: 0 },
    ]);
    expect((await fixture.manifest('2010-12-01')).totals).not.toHaveProperty('belowQuantity');
    expect(log.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([
      expect.stringContaining('could not take the digest of the day'),
    ]);
  });

  it('that is not over is published as partial with a warning, and again when it is over', async () => {
    await using fixture = await openFixture(cloud);
    const future = await job.run(fixture.env, '--ds=2199-12-31', '--run-id=one');
    expect(future.code).toBe(0);
    expect(future.log).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: expect.stringContaining('the day has not begun') as string,
      }),
    );
    const { completeUntil } = await fixture.manifest('2199-12-31');
    expect(future.summaries).toMatchObject([{ status: 'published', completeUntil }]);
    expect(Date.parse(completeUntil ?? '')).toBeLessThan(Date.parse('2199-12-31'));

    // As each hour: with a new purchase, and without.
    await fixture.database.query(insertRow('2199-12-31 10:00:00'));
    const until: (string | undefined)[] = [completeUntil];
    for (const [run, status] of [
      ['two', 'published'],
      ['three', 'unchanged'],
    ]) {
      const { code, summaries } = await job.run(fixture.env, '--ds=2199-12-31', `--run-id=${run}`);
      const now = await fixture.manifest('2199-12-31');
      expect([code, now.run, now.generation]).toEqual([0, 'two', 2]);
      expect(summaries).toMatchObject([{ status, completeUntil: now.completeUntil }]);
      until.push(now.completeUntil);
    }
    expect(new Set(until).size).toBe(3);
    expect(until).toEqual(until.toSorted());

    await fixture.database.query(insertRow('2010-12-01 10:00:00'));
    const complete = await job.run(fixture.env, day, '--run-id=one');
    expect(complete.log.filter(({ level }) => level === 40)).toEqual([]);
    const manifest = await fixture.manifest('2010-12-01');
    expect(manifest).not.toHaveProperty('completeUntil');
    const partial = { ...manifest, completeUntil: '2010-12-01T10:15:00.000Z' };
    await fixture.bucket.put(`${stage}/2010-12-01/_manifest.json`, JSON.stringify(partial));
    const redone = await job.run(fixture.env, day, '--run-id=two');
    expect(redone.summaries).toMatchObject([{ status: 'published', generation: 2 }]);
    expect(await fixture.manifest('2010-12-01')).not.toHaveProperty('completeUntil');
  });

  it('keeps commas, quotes, line breaks and all alphabets', async () => {
    await using fixture = await openFixture(cloud);
    const odd = [
      '\\N',
      '\t',
      '\b\f\v',
      '\\',
      '\\\\',
      '"',
      ',',
      ' a ',
      'x\\',
      '\u0001',
      'é'.repeat(300),
    ];
    const details = [
      'a,b',
      'say "hi"',
      'two\nlines',
      'crlf\r\nend',
      'Müller 茶 😀',
      '\\.',
      '',
      ...odd,
    ];
    await fixture.database.query(
      details.map((detail) => insertRow('2010-12-01 08:26:00', { detail })).join(';'),
    );
    await fixture.database.query(
      `insert into retail.user_purchase values (null, '', null, 7, '2010-12-01 09:00', 0, null, '')`,
    );
    details.push('of nulls');
    const expected = await copyOut(fixture.database, 'select * from retail.user_purchase');
    const { summaries } = await job.run(fixture.env, day, '--run-id=one');
    expect(summaries).toMatchObject([{ rows: details.length }]);
    const text = await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`);
    expect(text).toBe(expected.toString());
    for (const form of ['"a,b"', '"say ""hi"""', '"two\nlines"', '"crlf\r\nend"', 'Müller 茶 😀']) {
      expect(text).toContain(`,71053,${form},6,`);
    }
  });

  it('without purchases has a header only, and a manifest with 0 rows', async () => {
    await using fixture = await openFixture(cloud);
    const { code, summaries, log } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', rows: 0 }]);
    expect(log).toMatchObject([{ ds: '2010-12-01', msg: 'no purchases on this day: published' }]);
    const text = await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`);
    expect(text).toMatch(/^invoice_number,.*,country\n$/);
  });
});

describe('a rerun of a day', () => {
  it('changes nothing and leaves no file if the source is unchanged (I3)', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    await job.run(fixture.env, day);
    const before = await fixture.bucket.keys();
    const pointer = await fixture.bucket.text(`${stage}/2010-12-01/_manifest.json`);
    const { code, summaries } = await job.run(fixture.env, day);
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'unchanged', rows: 1, generation: 1 }]);
    expect(await fixture.bucket.keys()).toEqual(before);
    expect(await fixture.bucket.text(`${stage}/2010-12-01/_manifest.json`)).toBe(pointer);
  });

  it('replaces the manifest but no file if the source has changed (I1)', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    await job.run(fixture.env, day, '--run-id=one');
    const first = await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`);
    await fixture.database.query(insertRow('2010-12-01 09:00:00'));
    const { summaries } = await job.run(fixture.env, day, '--run-id=two');
    expect(summaries).toMatchObject([{ status: 'published', rows: 2, generation: 2 }]);
    expect(await fixture.manifest('2010-12-01')).toMatchObject({ run: 'two', generation: 2 });
    expect(await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`)).toBe(first);
  });

  it('with OUTPUT_FORMAT=csv.gz publishes the same rows compressed, under a .gz name', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    await job.run(fixture.env, day, '--run-id=plain');
    const env = { ...fixture.env, OUTPUT_FORMAT: 'csv.gz' };
    const { summaries } = await job.run(env, day, '--run-id=packed');
    expect(summaries).toMatchObject([{ status: 'published', rows: 1, generation: 2 }]);
    const folder = `${stage}/2010-12-01`;
    expect(await fixture.bucket.keys(`${folder}/packed/`)).toEqual([
      `${folder}/packed/${fileName}.gz`,
    ]);
    const packed = await fixture.bucket.bytes(`${folder}/packed/${fileName}.gz`);
    expect(gunzipSync(packed).toString()).toBe(
      await fixture.bucket.text(`${folder}/plain/${fileName}`),
    );
    expect(await fixture.manifest('2010-12-01')).toMatchObject({
      parameters: { format: 'csv.gz' },
      files: [{ bytes: packed.length, rows: 1 }],
    });
    expect((await job.run(env, day)).summaries).toMatchObject([{ status: 'unchanged' }]);
  });

  it('with another MIN_QUANTITY publishes another result, with the quantity in the manifest', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00', { quantity: 4 }));
    await fixture.database.query(insertRow('2010-12-01 08:26:00', { quantity: 9 }));
    await job.run(fixture.env, day);
    await job.run({ ...fixture.env, MIN_QUANTITY: '5' }, day);
    expect(await fixture.manifest('2010-12-01')).toMatchObject({
      generation: 2,
      parameters: { minQuantity: 5 },
      totals: { rows: 1 },
    });
  });

  it('without rows is published with a warning if its weekday always has some', async () => {
    await using fixture = await openFixture(cloud);
    for (const ds of ['2010-12-01', '2010-12-08']) {
      await fixture.database.query(insertRow(`${ds} 08:26:00`));
    }
    const run = async (...argv: string[]) => {
      const { code, summaries, log } = await job.run(fixture.env, ...argv);
      expect(code).toBe(0);
      const told = log.filter(({ level }) => level === 40).map(({ msg }) => msg);
      return { told, summaries };
    };
    const range = await run(day, '--through=2010-12-09');
    expect(range.told).toEqual([]);
    expect(range.summaries.filter((line) => 'warning' in line)).toEqual([]);
    for (const status of ['published', 'unchanged']) {
      const { told, summaries } = await run('--ds=2010-12-15');
      const warning = expect.stringContaining('a Wednesday without purchases') as string;
      expect(summaries).toMatchObject([{ status, rows: 0, warning, exit: 0 }]);
      expect(told).toEqual([warning]);
    }
    expect((await run('--ds=2010-12-16')).told).toEqual([]);
    await fixture.database.query(insertRow('2010-12-15 08:26:00'));
    const { told, summaries } = await run('--ds=2010-12-15');
    expect(told).toEqual([]);
    expect(summaries[0]).not.toHaveProperty('warning');
  });

  it('takes its settings from the rules in S3, and a changed rule concerns its own days only', async () => {
    await using fixture = await openFixture(cloud);
    const days = ['2010-12-01', '2010-12-02', '2010-12-03'];
    for (const ds of days) {
      await fixture.database.query(insertRow(`${ds} 08:26:00`, { quantity: 4 }));
      await fixture.database.query(insertRow(`${ds} 08:26:00`, { quantity: 9 }));
    }
    const env = { ...fixture.env, RULES: `s3://${fixture.bucket.name}/settings/rules.json` };
    const run = async (last: string) => {
      const rules = [
        { parameter: 'minQuantity', until: '2010-12-01', value: 3 },
        { parameter: 'minQuantity', from: last, value: 5 },
      ];
      await fixture.bucket.put('settings/rules.json', JSON.stringify({ version: 1, rules }));
      const { code, summaries } = await job.run(env, day, '--through=2010-12-03');
      expect(code).toBe(0);
      return summaries
        .toSorted((a, b) => (String(a['ds']) < String(b['ds']) ? -1 : 1))
        .map(({ status, minQuantity, rows }) => [status, minQuantity, rows].join(' '));
    };
    expect(await run('2010-12-03')).toEqual(['published 3 2', 'published 2 2', 'published 5 1']);
    expect(await run('2010-12-02')).toEqual(['unchanged 3 2', 'published 5 1', 'unchanged 5 1']);
    expect(await fixture.manifest('2010-12-02')).toMatchObject({ parameters: { minQuantity: 5 } });
  });
});

describe('a dry run', () => {
  it('reports what it would do, and needs neither source nor bucket', async () => {
    const { code, summaries } = await job.run(
      {
        PIPELINE_BUCKET: 'stages',
        AWS_REGION: 'eu-west-1',
        SOURCE_DATABASE_URL: 'postgres://reader:pw@db.invalid/shop',
      },
      day,
      '--dry-run',
      '--run-id=one',
    );
    expect(code).toBe(0);
    expect(summaries).toMatchObject([
      { status: 'planned', writes: `s3://stages/${stage}/2010-12-01/one/${fileName}` },
    ]);
    expect(summaries[0]?.['query']).toContain("timestamp '2010-12-01' + interval '1 day'");
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { sampleDays } from '../src/data/calendar.ts';
import { purchaseLines } from '../src/data/purchases.ts';
import { sampleSeed } from '../src/data/write-sample.ts';
import { parseCsv } from './parse-csv.ts';
import { header, oneDay, onePurchase, oneReview, openSeedFixture } from './seed-fixture.ts';
import { tableRows } from './source-table.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres']);
  return () => cloud[Symbol.asyncDispose]();
});

describe('seed without files', () => {
  it('loads the whole sample and says so, and a second run gives the same rows', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const first = await fixture.seed();
    expect(first).toMatchObject({ end: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^the sample is used for purchases and reviews; PURCHASES=… and REVIEWS=… load your own\n/,
    );
    expect(first.stdout).toMatch(
      /purchases: 3,\d{3} rows, 9 days from 2010-12-01 to 2010-12-10, [\d.]+ MB in [\d.]+ s\n/,
    );
    expect(first.stdout).toContain('one line a day is broken on purpose; emr-clean rejects it\n');
    expect(first.stdout).toContain('REVIEWS_SOURCE is state/sample/reviews/{ds}.csv\n');
    for (const line of first.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    const [, ...lines] = parseCsv([...purchaseLines(sampleSeed)].join(''));
    const rows = await tableRows(database);
    expect(rows).toHaveLength(lines.length);
    const sorted = (list: unknown): string[] =>
      (list as unknown[]).map((row) => JSON.stringify(row)).sort();
    expect(sorted(rows)).toEqual(sorted(lines));
    const reviews = join(fixture.state, 'sample', 'reviews');
    const settings = {
      HISTORY_START: '2010-12-01',
      HISTORY_END: '2010-12-10',
      REVIEWS_SOURCE: join(reviews, '{ds}.csv'),
    };
    expect(await fixture.settings()).toEqual(settings);
    // Also for the Saturday, which has no purchases.
    expect((await readdir(reviews)).sort()).toEqual(sampleDays.map((ds) => `${ds}.csv`));

    expect(await fixture.seed()).toMatchObject({ end: 0 });
    expect(await tableRows(database)).toEqual(rows);
    expect(await fixture.settings()).toEqual(settings);
  });

  it('replaces real data unless --keep is given, which fills in only what is missing', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.seed(
      '--purchases',
      await fixture.file('p.csv', onePurchase),
      '--reviews',
      's3://b/{ds}.csv',
    );
    const own = { ...oneDay, REVIEWS_SOURCE: 's3://b/{ds}.csv' };
    expect(await fixture.settings()).toEqual(own);
    const kept = await fixture.seed('--keep');
    expect(kept).toMatchObject({ end: 0 });
    expect(kept.stdout).toBe(
      'purchases: unchanged\nreviews: REVIEWS_SOURCE is unchanged, s3://b/{ds}.csv\n',
    );
    expect(await tableRows(database)).toHaveLength(1);
    expect(await fixture.settings()).toEqual(own);

    await database.query('truncate retail.user_purchase');
    const filledIn = await fixture.seed('--keep');
    expect(filledIn.stdout).toContain('used for purchases; PURCHASES=… loads your own');
    expect(filledIn.stdout).not.toContain('on purpose');
    expect((await tableRows(database)) as unknown[]).not.toHaveLength(1);
    const tenDays = { HISTORY_START: '2010-12-01', HISTORY_END: '2010-12-10' };
    expect(await fixture.settings()).toEqual({ ...own, ...tenDays });

    await fixture.seed();
    const sample = join(fixture.state, 'sample', 'reviews', '{ds}.csv');
    expect(await fixture.settings()).toEqual({ ...tenDays, REVIEWS_SOURCE: sample });
  });
});

describe('seed with files', () => {
  it('loads plain and gzip files, recognised by their content', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const text = [...purchaseLines(4)].join('');
    await fixture.seed('--purchases', await fixture.file('plain.csv.gz', text));
    const plain = await tableRows(database);
    await database.query('truncate retail.user_purchase');
    const packed = await fixture.seed(
      '--purchases',
      await fixture.file('packed.csv', gzipSync(text)),
    );
    expect(packed).toMatchObject({ end: 0, stderr: '' });
    expect(await tableRows(database)).toEqual(plain);
  });

  it('reads quotes, American dates and an empty customer, with either header', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const own = onePurchase.replace(
      header,
      'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country',
    );
    for (const text of [
      onePurchase,
      own,
      onePurchase.replaceAll('\n', '\r\n'),
      `\uFEFF${onePurchase}`,
    ]) {
      const ended = await fixture.seed('--purchases', await fixture.file('p.csv', text));
      expect(ended).toMatchObject({ end: 0, stderr: '' });
      expect(await tableRows(database)).toEqual([
        ['1', 'A', 'TRAY, "L"', '3', '2010-12-01 08:26:00', '1.5', '', 'France'],
      ]);
    }
  });

  it('reads files that mean the same: names, order, quotes, zones, numbers, empty lines', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const names = header.split(',');
    const row = ['7', 'A\\.', 'TWO\n\\.\nLINES\t', '3', '12/1/2010 8:26', '1.5', '17850', ''];
    const line = (fields: readonly string[]) => fields.map((field) => `"${field}"`).join();
    const other = ['Price', 'Country', 'Customer ID', 'Invoice', 'StockCode', 'Description'];
    const others = [...other, 'Quantity', 'InvoiceDate'];
    const values = ['1.50e0', '', '17850.0', '7', 'A\\.', row[2] ?? '', '3.0'];
    for (const text of [
      `${line(names)}\n${line(row)}\n\n`,
      `${line(others)}\n${line([...values, '2010-12-01T03:26:00-05:00'])}`,
    ]) {
      const ended = await fixture.seed('--purchases', await fixture.file('p.csv', text));
      expect(ended).toMatchObject({ end: 0, stderr: '' });
      expect(await tableRows(database)).toEqual([
        ['7', 'A\\.', 'TWO\n\\.\nLINES\t', '3', '2010-12-01 08:26:00', '1.5', '17850', null],
      ]);
    }
  });

  it('uses plain reviews in place and unpacks compressed ones', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.file('.env.local', 'OTHER=1\n');
    const purchases = ['--purchases', await fixture.file('p.csv', onePurchase)];
    await fixture.seed(...purchases, '--reviews', await fixture.file('r.csv', oneReview));
    expect(await fixture.settings()).toEqual({
      OTHER: '1',
      ...oneDay,
      REVIEWS_SOURCE: join(fixture.folder, 'r.csv'),
    });
    await fixture.seed('--reviews', await fixture.file('r2.csv.gz', gzipSync(oneReview)));
    const unpacked = join(fixture.state, 'reviews', 'r2.csv');
    expect(await fixture.settings()).toEqual({ OTHER: '1', ...oneDay, REVIEWS_SOURCE: unpacked });
    expect(await readFile(unpacked, 'utf8')).toBe(oneReview);
  });

  it('gives one result when two seeds run concurrently on an empty database', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const given = [
      '--purchases',
      await fixture.file('p.csv', onePurchase),
      '--reviews',
      's3://b/r.csv',
    ];
    const ended = await Promise.all([fixture.seed(...given), fixture.seed(...given)]);
    expect(ended).toMatchObject([{ end: 0 }, { end: 0 }]);
    expect(await tableRows(database)).toHaveLength(1);
  });
});

describe('seed --dry-run', () => {
  it('says what would be loaded and replaced, and changes nothing', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const empty = await fixture.seed('--dry-run');
    expect(empty).toMatchObject({ end: 0, stderr: '' });
    expect(empty.stdout).toMatch(/^dry run: nothing is changed\n/);
    expect(empty.stdout).toMatch(/the sample \(0\.\d MB, 3,\d{3} rows\) would replace 0 rows/);
    expect(await readdir(fixture.folder)).toEqual([]);
    expect(
      await database.query(`select where to_regclass('retail.user_purchase') is null`),
    ).toHaveLength(1);

    const purchases = ['--purchases', await fixture.file('p.csv', onePurchase)];
    await fixture.seed(...purchases, '--reviews', await fixture.file('r.csv', oneReview));
    const before = await fixture.settings();
    const many = gzipSync(
      `${onePurchase}${(onePurchase.split('\n')[1] ?? '').concat('\n').repeat(1_999)}`,
    );
    const { end, stdout } = await fixture.seed(
      ...['--purchases', await fixture.file('many.csv.gz', many)],
      ...['--reviews', await fixture.file('r2.csv.gz', gzipSync(oneReview)), '--dry-run'],
    );
    expect(end).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'dry run: nothing is changed',
      'purchases: many.csv.gz (1 kB, 2,000 rows) would replace 1 row',
      '.env.local: HISTORY_START and HISTORY_END would be the first and the last day of the purchases',
      'reviews: r2.csv.gz (1 kB, 1 row)',
      '.env.local: REVIEWS_SOURCE would be state/reviews/r2.csv; now it is r.csv',
      '',
    ]);
    const same = await fixture.seed('--reviews', 'r.csv', '--dry-run');
    expect(same.stdout).toContain('.env.local: REVIEWS_SOURCE would stay r.csv\n');
    expect((await fixture.seed('--dry-run', '--keep')).stdout.split('\n')).toEqual([
      'dry run: nothing is changed',
      'purchases: 1 row would stay unchanged',
      'reviews: REVIEWS_SOURCE would stay r.csv',
      '',
    ]);
    expect(await tableRows(database)).toHaveLength(1);
    expect(await fixture.settings()).toEqual(before);
    expect((await readdir(fixture.folder)).includes('state')).toBe(false);
  });
});

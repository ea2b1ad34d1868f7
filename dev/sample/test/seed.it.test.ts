import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { purchaseLines } from '../src/data/purchases.ts';
import { sampleSeed } from '../src/data/write-sample.ts';
import { parseCsv } from './parse-csv.ts';
import { header, onePurchase, openSeedFixture } from './seed-fixture.ts';
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
    expect(first.stdout).toContain('the sample is used for purchases and reviews');
    expect(first.stdout).toMatch(
      /[\d,]+ rows, 9 days from 2010-12-01 to 2010-12-10, [\d.]+ MB in [\d.]+ s, [\d.]+ MB\/s/,
    );
    expect(first.stdout).toContain('one line a day is broken on purpose; emr-clean rejects it\n');
    const [, ...lines] = parseCsv([...purchaseLines(sampleSeed)].join(''));
    const rows = await tableRows(database);
    expect(rows).toHaveLength(lines.length);
    const sorted = (list: unknown): string[] =>
      (list as unknown[]).map((row) => JSON.stringify(row)).sort();
    expect(sorted(rows)).toEqual(sorted(lines));
    const reviews = join(fixture.state, 'sample', 'reviews', '{ds}.csv');
    expect(await fixture.settings()).toEqual({ REVIEWS_SOURCE: reviews });

    expect(await fixture.seed()).toMatchObject({ end: 0 });
    expect(await tableRows(database)).toEqual(rows);
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
    const kept = await fixture.seed('--keep');
    expect(kept).toMatchObject({ end: 0 });
    expect(await tableRows(database)).toHaveLength(1);
    expect(await fixture.settings()).toEqual({ REVIEWS_SOURCE: 's3://b/{ds}.csv' });

    await database.query('truncate retail.user_purchase');
    await fixture.seed('--keep');
    expect((await tableRows(database)) as unknown[]).not.toHaveLength(1);
    expect(await fixture.settings()).toEqual({ REVIEWS_SOURCE: 's3://b/{ds}.csv' });

    await fixture.seed();
    const sample = join(fixture.state, 'sample', 'reviews', '{ds}.csv');
    expect(await fixture.settings()).toEqual({ REVIEWS_SOURCE: sample });
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

  it('uses plain reviews in place and unpacks compressed ones', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.file('.env.local', 'OTHER=1\n');
    const text = 'cid,review_str\n1,fine\n';
    await fixture.seed('--reviews', await fixture.file('r.csv', text));
    expect(await fixture.settings()).toEqual({
      OTHER: '1',
      REVIEWS_SOURCE: join(fixture.folder, 'r.csv'),
    });
    await fixture.seed('--reviews', await fixture.file('r2.csv.gz', gzipSync(text)));
    const unpacked = join(fixture.state, 'reviews', 'r2.csv');
    expect(await fixture.settings()).toEqual({ OTHER: '1', REVIEWS_SOURCE: unpacked });
    expect(await readFile(unpacked, 'utf8')).toBe(text);
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

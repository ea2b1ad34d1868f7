import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { purchaseLines } from '../src/data/purchases.ts';
import { header, oneDay, onePurchase, oneReview, openSeedFixture } from './seed-fixture.ts';
import { tableRows } from './source-table.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Takes at least a second to load into a slow table. */
const thousand = [...purchaseLines(1)].slice(0, 1_000).join('');

/** Resolves when the load has copied some rows. */
async function untilCopying(database: TestDatabase): Promise<void> {
  const copying = 'select from pg_stat_progress_copy where tuples_processed > 20';
  await expect
    .poll(() => database.query(copying), { timeout: 20_000, interval: 20 })
    .toHaveLength(1);
}

/** Makes each inserted purchase take a millisecond. */
async function slowDownTable(database: TestDatabase): Promise<void> {
  await database.query(`
    create function retail.dawdle() returns trigger language plpgsql
      as 'begin perform pg_sleep(0.001); return new; end';
    create trigger dawdle before insert on retail.user_purchase
      for each row execute function retail.dawdle()`);
}

describe('a seed that fails', () => {
  const secret = 'S3CRET';
  const row = onePurchase.split('\n')[1] ?? '';
  it.each([
    ['a wrong header', onePurchase.replace('Country', 'Land'), 65, 'wrong header'],
    ['UTF-16', Buffer.from(`\ufeff${onePurchase}`, 'utf16le'), 65, 'bad.csv is UTF-16'],
    ['a header alone', `${header}\n`, 65, 'a header and no rows'],
    [
      'a day first',
      onePurchase.replace('12/1/', '13/1/'),
      65,
      'line 2, invoice_date: the time does',
    ],
    ['an end mark', `${onePurchase}\\.\n${row}\n`, 65, 'line 3: 1 field; expected 8'],
    ['no date', onePurchase.replace('12/1/2010 8:26', ''), 65, 'has no dates'],
    [
      'a bad number',
      `${onePurchase}${row.replace(',3,', `,${secret},`)}\n`,
      65,
      'line 3, quantity: the',
    ],
    ['too many columns', `${onePurchase}${row},${secret}\n`, 65, 'line 3: 9 fields; expected 8'],
    [
      'too long a text',
      `${onePurchase}${row}${secret.repeat(5)}\n`,
      65,
      'line 3, country: the text is too',
    ],
    ['an open quote', `${onePurchase}1,A,"${secret}\n`, 65, 'line 3: a quote is never closed'],
    ['Latin-1', Buffer.from(`${onePurchase}${row.replace('A', '£')}\n`, 'latin1'), 65, 'not UTF-8'],
    [
      'half a .gz',
      gzipSync(onePurchase.repeat(9)).subarray(0, 60),
      65,
      'damaged or incomplete gzip',
    ],
  ])('changes nothing: %s', async (_what, content, exit, message) => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.seed(
      '--purchases',
      await fixture.file('p.csv', onePurchase),
      '--reviews',
      's3://b/old.csv',
    );
    const file = await fixture.file('bad.csv', content);
    const { end, stderr, stdout } = await fixture.seed(
      '--purchases',
      file,
      '--reviews',
      's3://b/new',
    );
    expect(stderr).toContain(message);
    expect(end).toBe(exit);
    expect(`${stderr}${stdout}`).not.toContain(secret);
    expect(await tableRows(database)).toHaveLength(1);
    expect(await fixture.settings()).toEqual({ ...oneDay, REVIEWS_SOURCE: 's3://b/old.csv' });
  });

  it.each([
    ['a missing file', 'none.csv', 64, 'REVIEWS: none.csv does not exist'],
    [
      'a wrong header',
      'wrong.csv',
      65,
      'REVIEWS: wrong.csv does not begin with the header cid,rev',
    ],
    ['an unusable name', '5$.csv', 64, 'REVIEWS_SOURCE cannot contain a $'],
  ])('reports %s before it changes anything', async (_what, reviews, exit, message) => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const purchases = await fixture.file('p.csv', onePurchase);
    await fixture.file('wrong.csv', oneReview.replace('cid', 'id'));
    await fixture.file('5$.csv', oneReview);
    for (const more of [[], ['--dry-run']]) {
      const ended = await fixture.seed('--purchases', purchases, '--reviews', reviews, ...more);
      expect(ended).toMatchObject({ end: exit, stdout: '' });
      expect(ended.stderr).toContain(message);
      expect(ended.stderr).not.toContain('--');
    }
    expect(
      await database.query(`select where to_regclass('retail.user_purchase') is null`),
    ).toHaveLength(1);
  });

  it.each([
    ['a wrong header', onePurchase.replace('Country', 'Land'), 'p.csv has a wrong header'],
    ['a header alone', `${header}\n`, 'p.csv has a header and no rows'],
    ['half a .gz', gzipSync(onePurchase.repeat(9)).subarray(0, 60), 'damaged or incomplete gzip'],
  ])('is found by --dry-run: %s', async (_what, content, message) => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    const purchases = await fixture.file('p.csv', content);
    const { end, stderr } = await fixture.seed('--dry-run', '--purchases', purchases);
    expect(stderr).toContain(message);
    expect(end).toBe(65);
  });

  it('distinguishes an unreachable database from a rejected login', async () => {
    await using database = await freshDatabase(cloud);
    const url = (change: Partial<URL>): string => Object.assign(new URL(database.url), change).href;
    for (const [address, exit, message] of [
      [url({ port: '1' }), 75, 'the source database cannot be reached'],
      [url({ password: 'wrong' }), 78, 'password authentication failed'],
      [url({ pathname: '/none' }), 78, 'does not exist'],
      [url({ hostname: 'db.example.org' }), 78, 'names a server on another machine'],
      ['postgresql://[', 78, 'SOURCE_DATABASE_URL is not a postgresql:// address'],
      ['', 78, 'SOURCE_DATABASE_URL is missing'],
    ] as const) {
      await using fixture = await openSeedFixture(address);
      for (const argv of [[], ['--dry-run']]) {
        const { end, stderr } = await fixture.seed(...argv);
        expect(stderr).toContain(message);
        expect(stderr).not.toContain('--');
        expect(end).toBe(exit);
      }
    }
  });

  it('names the table if a column is missing', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.seed();
    await database.query('alter table retail.user_purchase drop column country');
    const { end, stderr } = await fixture.seed();
    expect(stderr).toContain('column "country" of relation "user_purchase" does not exist');
    expect(stderr).toContain('the table must be as in sql/source');
    expect(end).toBe(78);
  });
});

describe('a seed that is killed half-way', () => {
  it.each([
    ['SIGKILL', 'SIGKILL'],
    ['SIGTERM', 143],
  ] as const)('keeps the earlier rows: %s', async (signal, end) => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.seed(
      '--purchases',
      await fixture.file('p.csv', onePurchase),
      '--reviews',
      's3://b/old.csv',
    );
    await slowDownTable(database);
    const slow = await fixture.file('slow.csv', thousand);
    const { process: seeding, ended } = fixture.start('--purchases', slow);
    await untilCopying(database);
    seeding.kill(signal);
    expect(await ended).toMatchObject({ end });
    expect(await tableRows(database)).toHaveLength(1);
    expect(await fixture.settings()).toEqual({ ...oneDay, REVIEWS_SOURCE: 's3://b/old.csv' });
  });

  it('reports a lost connection as transient', async () => {
    await using database = await freshDatabase(cloud);
    await using fixture = await openSeedFixture(database.url);
    await fixture.seed('--purchases', await fixture.file('p.csv', onePurchase));
    await slowDownTable(database);
    const { ended } = fixture.start('--purchases', await fixture.file('slow.csv', thousand));
    await untilCopying(database);
    await database.query('select pg_terminate_backend(pid) from pg_stat_progress_copy');
    expect(await ended).toMatchObject({
      end: 75,
      stderr: expect.stringMatching(/seed again|make -C/) as string,
    });
    expect(await tableRows(database)).toHaveLength(1);
  });
});

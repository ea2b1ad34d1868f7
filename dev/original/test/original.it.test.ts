/** The pipeline of the article on the local cloud: its result is wrong in the way that its statements explain. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startLocalServers } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '..');
const python = join(folder, '../../.local/python/bin/python');
const ds = '2010-12-01';

type Environment = Readonly<Record<string, string>>;
type Purchase = Readonly<Record<'detail' | 'quantity' | 'unit_price' | 'customer_id', string>>;

const run = async (env: Environment, ...argv: readonly string[]) =>
  (await promisify(execFile)(python, argv, { cwd: folder, env: { ...process.env, ...env } }))
    .stdout;

/** A psql that notes its arguments, which every user of the machine can read. Returns the PATH with it. */
async function notedPsql(scratch: string): Promise<string> {
  const noted = '#!/bin/sh\necho "$@" >>"$PSQL_NOTES"\nPATH="${PATH#*:}" exec psql "$@"\n';
  await mkdir(join(scratch, 'bin'));
  await writeFile(join(scratch, 'bin/psql'), noted, { mode: 0o755 });
  return `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`;
}

/** The day's purchases with a customer. */
async function purchasesOf(database: TestDatabase): Promise<readonly Purchase[]> {
  return (await database.query(
    `select detail, quantity::text, unit_price::text, customer_id::text from retail.user_purchase
     where quantity > 2 and invoice_date::date = '${ds}' and customer_id is not null`,
  )) as readonly Purchase[];
}

/** What a join of rows gives: every purchase once for each review of its customer. */
function fannedOut(purchases: readonly Purchase[], reviews: ReadonlyMap<string, number>) {
  const joined = purchases.filter(({ customer_id }) => reviews.has(customer_id));
  const times = (one: Purchase) => reviews.get(one.customer_id) ?? 0;
  const mills = joined.reduce(
    (sum, one) =>
      sum + times(one) * Number(one.quantity) * Math.round(Number(one.unit_price) * 1000),
    0,
  );
  return {
    customers: String(new Set(joined.map(({ customer_id }) => customer_id)).size),
    amount_spent: (mills / 1000).toFixed(5),
    review_count: String(joined.reduce((sum, one) => sum + times(one), 0)),
  };
}

it('joins row by row, loses purchases with a comma, and doubles a day that runs again', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'original-'));
  await using cloud = await startLocalServers(['postgres', 's3', 'emr', 'redshift']);
  await using bucket = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  const env = await seeded({ ...bucket.env, SOURCE_DATABASE_URL: database.url }, scratch.path);
  const day = env['REVIEWS_SOURCE']?.replace('{ds}', ds) ?? '';
  const lines = (await readFile(day, 'utf8')).trim().split('\n').slice(1);
  const reviews = new Map(
    [...Map.groupBy(lines, (line) => line.split(',')[0] ?? '')].map(([cid, of]) => [
      cid,
      of.length,
    ]),
  );

  const purchases = await purchasesOf(database);
  const plain = purchases.filter(({ detail }) => !detail.includes(','));
  const expected = fannedOut(plain, reviews);
  // Without a comma or a second review, there would be nothing to see.
  expect(fannedOut(purchases, reviews)).not.toEqual(expected);
  const once = new Map([...reviews].map(([cid]) => [cid, 1]));
  expect(fannedOut(plain, once).review_count).not.toBe(expected.review_count);

  const notes = join(scratch.path, 'notes');
  const noted = { ...env, PATH: await notedPsql(scratch.path), PSQL_NOTES: notes };
  const found = JSON.parse(await run(noted, 'original_pipeline.py', ds)) as unknown;
  const seen = await readFile(notes, 'utf8');
  expect(seen).toContain('load.sql');
  for (const url of [database.url, env['REDSHIFT_URL'] ?? '']) {
    expect(seen).not.toContain(decodeURIComponent(new URL(url).password));
  }
  expect(found).toEqual({ original: expect.objectContaining(expected) as unknown, jobs: null });

  const again = `import json, original_pipeline as o; o.load("${ds}"); print(json.dumps(o.totals("${ds}", "original")))`;
  expect(JSON.parse(await run(env, '-c', again))).toMatchObject({
    customers: String(2 * Number(expected.customers)),
  });
});

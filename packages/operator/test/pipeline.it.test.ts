/** The whole pipeline on the sample, with real Postgres, S3, Spark and warehouse SQL, against independent sums. */
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { cells, operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';

/** Among them the Saturday, which has reviews and no purchases. */
const days = ['2010-12-01', '2010-12-02', '2010-12-03', '2010-12-04'];
const jobs = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'];

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Positive and all reviews by day and customer, counted without Spark; malformed lines do not count. */
async function reviewsByCustomer(
  template: string,
  days: readonly string[],
): Promise<Map<string, [number, number]>> {
  const counts = new Map<string, [number, number]>();
  for (const ds of days) {
    const text = await readFile(template.replace('{ds}', ds), 'utf8');
    for (const line of text.split('\n').slice(1)) {
      const [, cid, quoted, plain] =
        /^(\d+),(?:"((?:[^"]|"")*)"|([^",][^,]*))$/.exec(line.replace(/\r$/, '')) ?? [];
      if (cid === undefined) continue;
      const words = (quoted?.replaceAll('""', '"') ?? plain ?? '')
        .toLowerCase()
        .split(/[ \t\n\v\f\r]/);
      const key = `${ds} ${cid}`;
      const [positive, all] = counts.get(key) ?? [0, 0];
      counts.set(key, [positive + (words.includes('good') ? 1 : 0), all + 1]);
    }
  }
  return counts;
}

it('computes the metric of the raw rows day by day, and a rerun changes nothing (I3)', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'pipeline-'));
  await using bucket = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  const env = await seeded({ ...bucket.env, ...source }, temporary.path);
  const operator = (...argv: string[]) => runOperator(env, ...argv);
  const query = async (sql: string) => {
    const { stdout } = await operator('query', `--sql=${sql}`);
    return cells(stdout).map((row) => row.join(','));
  };

  const backfill = ['backfill', '--from=2010-12-01', '--to=2010-12-04', '--jobs=2'];
  const first = await operator(...backfill);
  expect(first, first.stderr).toMatchObject({ code: 0 });

  const spent = await database.query(
    `select invoice_date::date::text as ds, customer_id, sum(quantity * unit_price)::numeric(18, 5)::text as amount
     from retail.user_purchase
     where quantity > 2 and customer_id is not null and invoice_date < '2010-12-05'
     group by 1, 2`,
  );
  const reviews = await reviewsByCustomer(env['REVIEWS_SOURCE'] ?? '', days);
  const expected = (spent as { ds: string; customer_id: number; amount: string }[]).flatMap(
    ({ ds, customer_id, amount }) => {
      const [positive, all] = reviews.get(`${ds} ${customer_id}`) ?? [];
      return all === undefined ? [] : [[customer_id, amount, positive, all, ds].join(',')];
    },
  );
  const metric =
    'select customerid, amount_spent, review_score, review_count, insert_date from public.user_behavior_metric';
  expect(expected.length).toBeGreaterThan(50);
  expect((await query(metric)).sort()).toEqual(expected.sort());

  const ledger = 'select ds, run, loaded_at from public.user_behavior_metric_load order by ds';
  const before = { keys: await bucket.keys(), ledger: await query(ledger) };
  expect(before.ledger).toHaveLength(4);
  const second = await operator(...backfill);
  expect(second, second.stderr).toMatchObject({ code: 0 });
  expect(second.stdout).not.toMatch(/published|loaded/);
  expect({ keys: await bucket.keys(), ledger: await query(ledger) }).toEqual(before);
});

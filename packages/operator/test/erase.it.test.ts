/** An erasure by the real jobs: refused, done, resumed, and done already. */
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { publish } from './publish.ts';

const ds = '2010-12-01';

let bucket: TestBucket;
let database: TestDatabase;
let env: Readonly<Record<string, string>>;
let extract: BundledJob;
/** One of the metric. */
let customer: string;

const operator = (...argv: string[]) => runOperator(env, ...argv);
const erase = (...argv: string[]) =>
  operator('erase', `--customer=0${customer}`, '--retries=0', ...argv);

beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  extract = await bundleJob('extract-purchases');
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'erase-'))).path;
  bucket = stack.use(await freshBucket(cloud));
  database = stack.use(await freshDatabase(cloud));
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  env = await seeded({ ...bucket.env, ...source, OUTPUT_FORMAT: 'csv.gz' }, folder);
  const ran = await operator('run', `--ds=${ds}`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const sql = `select customerid from public.user_behavior_metric order by customerid limit 1`;
  customer = String((await rowsOf(sql))[0]?.['customerid']);
  return () => stack.disposeAsync();
}, 600_000);

async function rowsOf(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { stdout, stderr, code } = await operator('query', `--sql=${sql}`, '--json');
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { rows: Record<string, unknown>[] }).rows;
}

const counts = async () =>
  Promise.all(
    [
      `select count(*) as found from public.user_behavior_metric where customerid = ${customer}`,
      `select count(*) as found from spectrum.user_purchase_staging where customer_id = '${customer}'`,
      `select count(*) as found from spectrum.movie_review_clean_stage where cid = '${customer}'`,
    ].map(async (sql) => Number((await rowsOf(sql))[0]?.['found'])),
  );

/** A line of the customer, of a review or a reject. */
const line = () => new RegExp(`^\\W*0*${customer}\\b`);

/** The vendor delivers the file again, without the customer's lines. */
async function deliverAgain(): Promise<void> {
  const file = (env['REVIEWS_SOURCE'] ?? '').replaceAll('{ds}', ds);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const others = lines.filter((text) => !line().test(text));
  expect(others.length).toBeLessThan(lines.length);
  await writeFile(file, others.join('\n'));
}

/** The folders of runs. */
const runs = async () =>
  new Set((await bucket.keys()).flatMap((key) => /^.*\/[\d-]{10}\/[^_/]+\//.exec(key) ?? []));

describe('an erasure', () => {
  it('is refused while the source or the vendor has the customer, and needs consent', async () => {
    const before = await bucket.keys();
    const shown = await erase('--dry-run', '--json');
    expect(shown).toMatchObject({ code: 65 });
    expect(JSON.parse(shown.stdout)).toMatchObject({ customer, applied: false, remaining: [] });
    expect(shown.stderr).toContain(`rows of customer ${customer}`);

    await database.query(`delete from retail.user_purchase where customer_id = ${customer}`);
    const refused = await erase('--yes');
    expect(refused, refused.stderr).toMatchObject({ code: 65 });
    expect(refused.stderr).toContain('the reviews file');
    expect(refused.stderr).toContain(`still has rows of customer ${customer}`);

    await deliverAgain();
    const asked = await erase();
    expect(asked).toMatchObject({ code: 64 });
    expect(asked.stderr).toContain('add --yes');
    expect(await bucket.keys()).toEqual(before);
    expect((await counts()).every((found) => found > 0)).toBe(true);
  }, 300_000);

  it('continues after a kill, leaves no row and no run that held one, and then does nothing', async () => {
    const replaced = await runs();
    // As if an earlier erasure had been killed after its first job.
    expect(await extract.run(env, `--ds=${ds}`)).toMatchObject({ code: 0 });
    const erased = await erase('--yes', '--json');
    expect(erased, erased.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(erased.stdout)).toMatchObject({ customer, applied: true, remaining: [] });
    expect(await counts()).toEqual([0, 0, 0]);
    expect([...(await runs())].filter((run) => replaced.has(run))).toEqual([]);
    for (const key of await bucket.keys('movie_review/load/')) {
      const lines = (await bucket.text(key)).split('\n');
      expect(lines.filter((text) => line().test(text))).toEqual([]);
    }

    const published = await bucket.keys();
    const again = await erase('--yes');
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout).toContain(`nothing holds rows of customer ${customer}`);
    expect(await bucket.keys()).toEqual(published);
  }, 600_000);

  it('removes replaced runs that held the customer, but none that may still be written', async () => {
    const other = '2010-12-09';
    const purchases = (id: string) => `customer_id,country\n${id},"a\n${customer},b"\n`;
    const reviews = (id: string) => `cid,review_str\n${id},fine\n`;
    for (const [dataset, body] of [
      ['user_purchase/stage', purchases],
      ['movie_review/load', reviews],
    ] as const) {
      const seen = await publish(bucket, dataset, other, { run: 'old', body: body(customer) });
      await publish(bucket, dataset, other, { run: 'new', body: body('1'), seen });
    }
    const rejects = `movie_review/rejects/${other}/old/part-0.json`;
    await bucket.put(rejects, `${JSON.stringify({ line: `${customer},"x`, reason: 'y' })}\n`);
    await bucket.put(`movie_review/stage/${other}/old/part-0.parquet`, 'PAR1');
    const moved = Math.floor(Date.now() / 1_000);
    await expect
      .poll(() => Math.floor(Date.now() / 1_000), { timeout: 10_000 })
      .toBeGreaterThan(moved + 1);
    const live = `user_purchase/stage/${other}/live/temp_filtered_user_purchase.csv`;
    await bucket.put(live, purchases(customer));

    const erased = await erase('--yes');
    expect(erased, erased.stderr).toMatchObject({ code: 75 });
    expect(erased.stderr).toContain('may still be in use');
    const left = (await bucket.keys()).filter((key) => key.includes(other));
    expect(left.filter((key) => !key.includes('/_'))).toEqual([
      `movie_review/load/${other}/new/file`,
      live,
      `user_purchase/stage/${other}/new/file`,
    ]);
  }, 300_000);
});

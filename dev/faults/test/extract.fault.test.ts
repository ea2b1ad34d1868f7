/** extract-purchases with a fault at every call (I5). */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { parseDs } from '@user-behaviour/shared/ds';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { countsOf, killAnywhere } from '../src/kill-anywhere.ts';
import { isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import { orphansAfterSweep } from '../src/orphans.ts';
import { openSource } from './purchases-source.ts';
import { report } from './report.ts';
import { storeAsSecret } from './source-secret.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('extract-purchases'),
    // The sweep reads from the ledger which runs it must keep.
    startTestCloud(['postgres', 's3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const openUploads = async (bucket: TestBucket) =>
  (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))).Uploads ??
  [];

const sessions = (database: TestDatabase) =>
  database.query(
    `select application_name, state from pg_stat_activity
     where datname = current_database() and application_name like 'extract-purchases%'`,
  );

describe('extract-purchases (I5)', () => {
  it('survives every fault at every effect of a day that is uploaded in one request', async () => {
    await using fixture = await openSource(cloud, job, 20, 3);
    const tally = await killAnywhere({ ...fixture.bench, firstDay: parseDs('2010-01-01') });
    report('extract-purchases', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(
      expect.arrayContaining([
        'postgres connect',
        'postgres copy',
        's3 PutObject user_purchase/stage/{ds}/_manifest.json if-none-match',
      ]),
    );
    await expect.poll(() => sessions(fixture.database), { timeout: 20_000 }).toEqual([]);
    expect(await openUploads(fixture.bucket)).toEqual([]);
    // A killed run leaves nothing but a file that no manifest names, in its own folder.
    expect(
      [...fixture.abandoned].every((key) => key.endsWith('/temp_filtered_user_purchase.csv')),
    ).toBe(true);
  }, 600_000);

  it('survives every fault when the file is compressed', async () => {
    await using fixture = await openSource(cloud, job, 20, 3);
    const tally = await killAnywhere({
      ...fixture.bench,
      env: { ...fixture.bench.env, OUTPUT_FORMAT: 'csv.gz' },
      firstDay: parseDs('2010-09-01'),
      chosen: (effect) => effect === 'postgres copy' || /^s3 .*\.gz/.test(effect),
    });
    report('extract-purchases, compressed', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects.length).toBeGreaterThan(1);
  }, 600_000);

  it('survives every fault while it reads the address of the source', async () => {
    await using fixture = await openSource(cloud, job, 2, 3);
    const { SOURCE_DATABASE_URL: address, ...env } = fixture.bench.env;
    const secret = await storeAsSecret(address, fixture.bucket);
    const tally = await killAnywhere({
      ...fixture.bench,
      env: { ...env, SOURCE_DATABASE_SECRET_ARN: secret },
      firstDay: parseDs('2011-06-01'),
      chosen: (effect) => effect.startsWith('secretsmanager'),
    });
    report('extract-purchases, with a secret', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(['secretsmanager GetSecretValue']);
  }, 600_000);

  it('survives every fault while two connections copy ranges of the table', async () => {
    await using fixture = await openSource(cloud, job, 0, 0);
    // A table with every day spread all over it, which PostgreSQL believes to be large.
    await fixture.database.query(`
      create table retail.purchases with (autovacuum_enabled = false) as
        select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
               repeat('a, "b"', 80)::varchar(1000) as detail, 3 as quantity,
               day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
               n as customer_id, 'x'::varchar(20) as country
        from generate_series(1, 20) as n,
             generate_series(timestamp '2012-06-01', '2012-12-31', '1 day') as day
        order by n, day;
      drop view retail.user_purchase;
      alter table retail.purchases rename to user_purchase;
      update pg_class set relpages = 100, reltuples = 1e8 where relname = 'user_purchase'`);
    const tally = await killAnywhere({
      ...fixture.bench,
      firstDay: parseDs('2012-06-01'),
      chosen: (effect) =>
        effect.startsWith('postgres') && !/^postgres copy #([4-9]|\d\d)/.test(effect),
    });
    report('extract-purchases in ranges', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(
      expect.arrayContaining(['postgres connect #2', 'postgres copy #3']),
    );
    await expect.poll(() => sessions(fixture.database), { timeout: 20_000 }).toEqual([]);
  }, 600_000);

  it('survives late and truncated replies and late calls', async () => {
    await using fixture = await openSource(cloud, job, 20, 3);
    const { env } = fixture.bench;
    const tally = await killAnywhere({
      ...fixture.bench,
      env: { ...env, SOCKET_TIMEOUT: '1s' },
      firstDay: parseDs('2010-06-01'),
      chosen: isFirstOverHttp,
      faults: lateFaults,
    });
    const { removed, orphans } = await orphansAfterSweep(fixture.bucket, env);
    const counts = { ...countsOf(tally), 'orphans after sweep': orphans.length };
    report('extract-purchases, late or truncated', counts, removed);
    expect(tally.problems).toEqual([]);
    expect(orphans).toEqual([]);
    expect(tally.effects.length).toBeGreaterThan(2);
  }, 600_000);

  it('survives every fault while a rerun discards an unchanged file', async () => {
    await using fixture = await openSource(cloud, job, 2, 3);
    const { env } = fixture.bench;
    const tally = await killAnywhere({
      ...fixture.bench,
      firstDay: parseDs('2011-01-01'),
      chosen: (effect) => effect.includes('DeleteObject'),
      prepare: async (days) => {
        const range = [`--ds=${days[0] ?? ''}`, `--through=${days.at(-1) ?? ''}`];
        expect(await job.run(env, ...range, '--parallel=4')).toMatchObject({ code: 0 });
      },
    });
    report('extract-purchases again', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toHaveLength(1);
  }, 600_000);

  it('survives every fault at every effect of a multipart upload', async () => {
    await using fixture = await openSource(cloud, job, 7_000, 160);
    const tally = await killAnywhere({
      ...fixture.bench,
      firstDay: parseDs('2012-01-01'),
      chosen: (effect) => effect.includes('Upload'),
    });
    expect(tally.problems).toEqual([]);
    expect(tally.effects.filter((effect) => effect.includes('UploadPart'))).toHaveLength(2);
    // SIGKILL leaves parts of these runs behind; the bucket's lifecycle or `sweep` removes them.
    const uploads = await openUploads(fixture.bucket);
    expect(uploads).not.toEqual([]);
    for (const { Key = '' } of uploads) {
      expect(Key).toMatch(
        /^user_purchase\/stage\/[\d-]{10}\/[\w-]+\/temp_filtered_user_purchase.csv$/,
      );
    }
    const { removed, orphans } = await orphansAfterSweep(fixture.bucket, fixture.bench.env);
    const counts = { ...countsOf(tally), 'orphans after sweep': orphans.length };
    report('extract-purchases in parts', counts, removed);
    expect(orphans).toEqual([]);
  }, 600_000);
});

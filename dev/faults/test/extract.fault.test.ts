/** extract-purchases, killed and disturbed at every call it makes (I5). */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { countsOf, killAnywhere } from '../src/kill-anywhere.ts';
import { isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import { orphansAfterSweep } from '../src/orphans.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('extract-purchases'),
    // The sweep asks the ledger which runs it must keep.
    startTestCloud(['postgres', 's3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

/** Every day has the same purchases; a view, so that many large days cost nothing. */
const shop = (rows: number, width: number) =>
  `create schema retail; create view retail.user_purchase as
   select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
          repeat('a, "b"', ${width})::varchar(1000) as detail, 3 as quantity,
          day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
          n as customer_id, 'x'::varchar(20) as country
   from generate_series(timestamp '2010-01-01', '2013-01-01', '1 day') as day,
        generate_series(1, ${rows}) as n`;

const left = async (bucket: TestBucket) =>
  (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))).Uploads ??
  [];

const sessions = (database: TestDatabase) =>
  database.query(
    `select application_name, state from pg_stat_activity
     where datname = current_database() and application_name like 'extract-purchases%'`,
  );

async function open(rows: number, width: number) {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  await database.query(shop(rows, width));
  const abandoned = new Set<string>();
  const state = async (ds: Ds) => {
    const day = await publishedDay(bucket, 'user_purchase/stage', ds);
    day.abandoned.forEach((key) => abandoned.add(key));
    return { rows: day.rows, rest: [day.state, day.strays] };
  };
  const all = stack.move();
  return {
    bucket,
    database,
    abandoned,
    bench: { job, env: { ...bucket.env, SOURCE_DATABASE_URL: database.url }, state },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The database's address as RDS keeps it; the ARN of the secret. */
async function keepAsSecret(address: string, bucket: TestBucket): Promise<string> {
  const url = new URL(address);
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint = '', AWS_REGION: region = '' } = bucket.env;
  const { credentials } = bucket.client.config;
  const manager = new SecretsManagerClient({ endpoint, region, credentials });
  try {
    const SecretString = JSON.stringify({
      ...{ host: url.hostname, port: Number(url.port), dbname: url.pathname.slice(1) },
      ...{ username: url.username, password: decodeURIComponent(url.password) },
    });
    const Name = `source-of-${bucket.name}`;
    const { ARN = '' } = await manager.send(new CreateSecretCommand({ Name, SecretString }));
    return ARN;
  } finally {
    manager.destroy();
  }
}

describe('extract-purchases (I5)', () => {
  it('survives every fault at every effect of a day that goes in one request', async () => {
    await using own = await open(20, 3);
    const tally = await killAnywhere({ ...own.bench, firstDay: parseDs('2010-01-01') });
    report('extract-purchases', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(
      expect.arrayContaining([
        'postgres connect',
        'postgres copy',
        's3 PutObject user_purchase/stage/{ds}/_manifest.json if-none-match',
      ]),
    );
    await expect.poll(() => sessions(own.database), { timeout: 20_000 }).toEqual([]);
    expect(await left(own.bucket)).toEqual([]);
    // A killed run leaves a file that no manifest names, in a folder of its own; nothing else.
    expect(
      [...own.abandoned].every((key) => key.endsWith('/temp_filtered_user_purchase.csv')),
    ).toBe(true);
  }, 300_000);

  it('survives every fault where the file is compressed on its way', async () => {
    await using own = await open(20, 3);
    const tally = await killAnywhere({
      ...own.bench,
      env: { ...own.bench.env, OUTPUT_FORMAT: 'csv.gz' },
      firstDay: parseDs('2010-09-01'),
      chosen: (effect) => effect === 'postgres copy' || /^s3 .*\.gz/.test(effect),
    });
    report('extract-purchases, compressed', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects.length).toBeGreaterThan(1);
  }, 300_000);

  it('survives every fault while it asks for the address of the source', async () => {
    await using own = await open(2, 3);
    const { SOURCE_DATABASE_URL: address, ...env } = own.bench.env;
    const secret = await keepAsSecret(address, own.bucket);
    const tally = await killAnywhere({
      ...own.bench,
      env: { ...env, SOURCE_DATABASE_SECRET_ARN: secret },
      firstDay: parseDs('2011-06-01'),
      chosen: (effect) => effect.startsWith('secretsmanager'),
    });
    report('extract-purchases, by a secret', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(['secretsmanager GetSecretValue']);
  }, 300_000);

  it('survives every fault while two connections copy ranges of the table', async () => {
    await using own = await open(0, 0);
    // A table of its own, every day all over it; PostgreSQL is made to think of it as large.
    await own.database.query(`
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
      ...own.bench,
      firstDay: parseDs('2012-06-01'),
      chosen: (effect) =>
        effect.startsWith('postgres') && !/^postgres copy #([4-9]|\d\d)/.test(effect),
    });
    report('extract-purchases in ranges', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toEqual(
      expect.arrayContaining(['postgres connect #2', 'postgres copy #3']),
    );
    await expect.poll(() => sessions(own.database), { timeout: 20_000 }).toEqual([]);
  }, 300_000);

  it('survives answers and calls that come late or in half', async () => {
    await using own = await open(20, 3);
    const { env } = own.bench;
    const tally = await killAnywhere({
      ...own.bench,
      env: { ...env, SOCKET_TIMEOUT: '1s' },
      firstDay: parseDs('2010-06-01'),
      chosen: isFirstOverHttp,
      faults: lateFaults,
    });
    const { removed, orphans } = await orphansAfterSweep(own.bucket, env);
    const counts = { ...countsOf(tally), 'orphans after sweep': orphans.length };
    report('extract-purchases, late or in half', counts, removed);
    expect(tally.problems).toEqual([]);
    expect(orphans).toEqual([]);
    expect(tally.effects.length).toBeGreaterThan(2);
  }, 300_000);

  it('survives every fault while a rerun removes what it need not publish', async () => {
    await using own = await open(2, 3);
    const { env } = own.bench;
    const tally = await killAnywhere({
      ...own.bench,
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
  }, 300_000);

  it('survives every fault at every effect of a multipart upload', async () => {
    await using own = await open(7_000, 160);
    const tally = await killAnywhere({
      ...own.bench,
      firstDay: parseDs('2012-01-01'),
      chosen: (effect) => effect.includes('Upload'),
    });
    expect(tally.problems).toEqual([]);
    expect(tally.effects.filter((effect) => effect.includes('UploadPart'))).toHaveLength(2);
    // SIGKILL leaves parts behind, which the bucket's lifecycle or `sweep` removes: of its own runs only.
    const uploads = await left(own.bucket);
    expect(uploads).not.toEqual([]);
    for (const { Key = '' } of uploads) {
      expect(Key).toMatch(
        /^user_purchase\/stage\/[\d-]{10}\/[\w-]+\/temp_filtered_user_purchase.csv$/,
      );
    }
    const { removed, orphans } = await orphansAfterSweep(own.bucket, own.bench.env);
    const counts = { ...countsOf(tally), 'orphans after sweep': orphans.length };
    report('extract-purchases in parts', counts, removed);
    expect(orphans).toEqual([]);
  }, 300_000);
});

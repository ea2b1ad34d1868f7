/** The doctor on servers that work, and each job's check with one thing after the other broken. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/cloud';
import { freshDatabase } from '@user-behaviour/testkit/database';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JobName, jobs } from '../src/job-command.ts';
import { operator } from './operator-process.ts';

const bundles = new Map<JobName, Awaited<ReturnType<typeof bundleJob>>>();
let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

type Environment = Readonly<Record<string, string>>;

const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

/** All that the jobs need; the source has its table and a row. */
async function healthy(
  bucket: TestBucket,
  database: { url: string; query: (sql: string) => Promise<unknown> },
) {
  await database.query(await readFile(ddl, 'utf8'));
  await database.query(
    "insert into retail.user_purchase values ('1', 'a', 'd', 3, '2010-12-01', 1.5, 7, 'UK')",
  );
  return {
    ...bucket.env,
    PATH: process.env['PATH'] ?? '',
    SOURCE_DATABASE_URL: database.url,
    REVIEWS_SOURCE: import.meta.filename,
  };
}

async function check(job: JobName, env: Environment) {
  const ended = await bundles.get(job)?.run(env, '--check');
  if (ended === undefined) throw new Error(`${job} is not bundled`);
  const bad = ended.summaries.filter(({ result }) => result === 'FAIL');
  return { code: ended.code, bad, all: ended.summaries };
}

describe('the doctor', () => {
  it('finds everything well, leaves nothing behind, and says the same the next time', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    const first = await operator(env, 'doctor');
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(first.stdout).not.toContain('FAIL');
    expect(first.stdout).toMatch(/ok +extract-purchases +source: columns +8 columns, as expected/);
    expect(first.stdout).toMatch(/ok +emr-clean +bucket: conditional write movie_review\/stage/);
    expect(first.stdout).toMatch(/ok +redshift-load +warehouse: external schema/);
    expect(first.stdout).toMatch(/warn +extract-purchases +source: rights/);
    expect(await bucket.keys()).toEqual([]);
    const { Uploads = [] } = await bucket.client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket.name }),
    );
    expect(Uploads).toEqual([]);
    const tables = "select table_schema from svv_tables where table_name like 'doctor%'";
    const left = await operator(env, 'query', `--sql=${tables}`);
    expect(left.stdout.trimEnd().split('\n')).toHaveLength(2);
    const second = await operator(env, 'doctor');
    expect(second.code).toBe(0);
    expect(second.stdout.split('\n')).toHaveLength(first.stdout.split('\n').length);
  });

  it('runs all checks though some fail, says what to do, and tells no secret', async () => {
    await using bucket = await freshBucket(cloud);
    const env = {
      ...bucket.env,
      PATH: process.env['PATH'] ?? '',
      SOURCE_DATABASE_URL: 'postgres://someone:open-sesame@127.0.0.1:1/nowhere',
      REVIEWS_SOURCE: '/nowhere/reviews.csv',
      EMR_CLUSTER_ID: 'j-NOWHERE',
      REDSHIFT_WORKGROUP: 'nowhere',
    };
    const { code, stdout, stderr } = await operator(env, 'doctor');
    expect(code).toBe(78);
    for (const line of [
      /FAIL +extract-purchases +source: connection/,
      /ok +extract-purchases +bucket: write/,
      /FAIL +stage-reviews +reviews file/,
      /FAIL +emr-clean +cluster +/,
      /FAIL +redshift-load +warehouse: statement/,
      /^FAIL {2}emr-clean, cluster: .*EMR_CLUSTER_ID/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout + stderr).not.toContain('open-sesame');
  });
});

describe('the check of a job', () => {
  it.each<[string, JobName, Environment, number, string]>([
    ['a variable that is missing', 'redshift-load', { SPECTRUM_ROLE_ARN: '' }, 78, 'configuration'],
    [
      'a bucket that is not there',
      'stage-reviews',
      { PIPELINE_BUCKET: 'not-there' },
      78,
      'bucket: list movie_review/load',
    ],
    [
      'S3 that is down',
      'emr-clean',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      75,
      'bucket: write movie_review/stage',
    ],
    [
      'reviews that have not come',
      'stage-reviews',
      { REVIEWS_SOURCE: '/nowhere' },
      75,
      'reviews file',
    ],
    ['a cluster that is not there', 'emr-clean', { EMR_CLUSTER_ID: 'j-NOWHERE' }, 78, 'cluster'],
    [
      'a workgroup that is not there',
      'redshift-load',
      { REDSHIFT_WORKGROUP: 'nowhere' },
      78,
      'warehouse: statement',
    ],
    [
      'a source that is down',
      'extract-purchases',
      { SOURCE_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' },
      75,
      'source: connection',
    ],
  ])('tells of %s', async (_, job, broken, code, name) => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    expect((await check(job, env)).bad).toEqual([]);
    const found = await check(job, { ...env, ...broken });
    expect(found.bad.map((finding) => finding['check'])).toContain(name);
    expect(found.bad.every(({ action }) => typeof action === 'string')).toBe(true);
    expect(found.code).toBe(code);
  });

  it('tells of a column that has gone, of a table that has gone, and advises an index', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    await database.query('alter table retail.user_purchase drop column country');
    const column = await check('extract-purchases', env);
    expect([column.code, column.bad.map(({ found }) => found).join()]).toEqual([
      65,
      expect.stringContaining('country is missing') as string,
    ]);
    await database.query(
      "update pg_class set reltuples = 5000000 where oid = 'retail.user_purchase'::regclass",
    );
    await database.query('drop index if exists retail.user_purchase_invoice_date');
    const index = await check('extract-purchases', env);
    expect(
      index.all.find((finding) => finding['check'] === 'source: index on invoice_date'),
    ).toMatchObject({
      result: 'warn',
      action: expect.stringContaining('create index concurrently') as string,
    });
    await database.query('drop table retail.user_purchase');
    const table = await check('extract-purchases', env);
    expect(table.bad.map(({ found }) => found).join()).toContain('does not exist');
  });
});

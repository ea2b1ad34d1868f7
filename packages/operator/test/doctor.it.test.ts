/** The doctor on healthy servers, and each job's checks with one thing broken at a time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { cells, operator } from '@user-behaviour/testkit/operator-command';

const bundles = new Map<JobName, Awaited<ReturnType<typeof bundleJob>>>();
let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

type Environment = Readonly<Record<string, string>>;

const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

/** Everything the jobs need; the source has its table and one row. */
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
  it('finds everything healthy, leaves nothing behind, and repeats itself the next time', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    const first = await operator(env, 'doctor');
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(first.stdout).not.toContain('FAIL');
    expect(first.stdout).toMatch(/ok +extract-purchases +source: columns +8 columns, as expected/);
    expect(first.stdout).toMatch(/ok +emr-clean +bucket: conditional write movie_review\/stage/);
    expect(first.stdout).toMatch(/ok +redshift-load +warehouse: external schema/);
    expect(first.stdout).toMatch(/warn +extract-purchases +source: privileges/);
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

  it('runs all checks even if some fail, says what to do, and prints no secret', async () => {
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

describe('the checks of a job', () => {
  it.each<[string, JobName, Environment, number, string]>([
    ['a missing variable', 'redshift-load', { SPECTRUM_ROLE_ARN: '' }, 78, 'configuration'],
    [
      'a missing bucket',
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
      'reviews that have not arrived',
      'stage-reviews',
      { REVIEWS_SOURCE: '/nowhere' },
      75,
      'reviews file',
    ],
    ['a missing cluster', 'emr-clean', { EMR_CLUSTER_ID: 'j-NOWHERE' }, 78, 'cluster'],
    [
      'a missing security configuration of a transient cluster',
      'emr-clean',
      {
        EMR_CLUSTER_ID: '',
        EMR_SERVICE_ROLE: 'service',
        EMR_JOB_FLOW_ROLE: 'nodes',
        EMR_SUBNET_ID: 'subnet-1a',
        EMR_SECURITY_CONFIGURATION: 'unsealed',
      },
      78,
      'transient cluster: security configuration',
    ],
    [
      'a missing workgroup',
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
  ])('report %s', async (_, job, broken, code, name) => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    expect((await check(job, env)).bad).toEqual([]);
    const found = await check(job, { ...env, ...broken });
    expect(found.bad.map((finding) => finding['check'])).toContain(name);
    expect(found.bad.every(({ action }) => typeof action === 'string')).toBe(true);
    expect(found.code).toBe(code);
  });

  it('try the metric’s tables if they exist, change nothing, and report a denial', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    const look = async (given: Environment = env) =>
      (await check('redshift-load', given)).all.find(
        (finding) => finding['check'] === 'warehouse: metric tables',
      );
    expect(await operator(env, 'migrate')).toMatchObject({ code: 0 });
    const row = "insert into public.user_behavior_metric values (1, 2, 3, 4, '2009-01-01')";
    expect(await operator(env, 'query', `--sql=${row}`)).toMatchObject({ code: 0 });
    expect(await look()).toMatchObject({
      result: 'ok',
      found: expect.stringContaining('nothing was changed') as string,
    });
    const count = 'select count(*) as n from public.user_behavior_metric';
    expect(cells((await operator(env, 'query', `--sql=${count}`)).stdout)).toEqual([['1']]);

    await using front = await startHttpProxy(cloud.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '');
    const error = 'ERROR: permission denied for relation user_behavior_metric_load_lock';
    const failed = { Status: 'FAILED', Error: error };
    front.rules.push(
      {
        when: ({ body }) => body.includes('lock public.'),
        instead: () => ({ status: 200, body: '{"Id":"refused","Status":"SUBMITTED"}' }),
      },
      {
        when: ({ body }) => body.includes('"refused"'),
        instead: () => ({
          status: 200,
          body: JSON.stringify({ ...failed, SubStatements: [failed] }),
        }),
      },
    );
    expect(await look({ ...env, AWS_ENDPOINT_URL_REDSHIFT_DATA: front.url })).toMatchObject({
      result: 'FAIL',
      exit: 78,
      found: `lock: ${error}`,
      action: expect.stringContaining('grant') as string,
    });
  });

  it('drop what a killed check left in the warehouse, and nothing else', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    const dead = 'doctor_000000000001';
    const living = `doctor_${Math.floor(Date.now() / 1_000).toString(16)}0001`;
    const location = `s3://${bucket.name}/user_purchase/stage/doctor/dead/`;
    const catalog = "from data catalog database 'user_behaviour' iam_role 'x'";
    const mine = ['public.doctor_visits', `public.${living}`];
    for (const sql of [
      ...[...mine, `public.${dead}`].map((table) => `create table ${table} (one integer)`),
      `create external schema ${dead} ${catalog}`,
      `create external table ${dead}.${dead} (one varchar(10)) stored as textfile location '${location}'`,
    ]) {
      expect(await operator(env, 'query', `--sql=${sql}`)).toMatchObject({ code: 0 });
    }
    const { code, all } = await check('redshift-load', env);
    expect(code).toBe(0);
    expect(all).toContainEqual(
      expect.objectContaining({
        check: 'warehouse: leftovers',
        result: 'ok',
        found: 'dropped 3 of killed checks',
      }),
    );
    const tables = `select table_schema || '.' || table_name from svv_tables
      where table_name like 'doctor%' union all select schemaname from svv_external_schemas
      where schemaname like 'doctor%' order by 1`;
    const left = cells((await operator(env, 'query', `--sql=${tables}`)).stdout);
    expect(left.flat()).toEqual(mine.toSorted());
    for (const table of mine) {
      expect(await operator(env, 'query', `--sql=drop table ${table}`)).toMatchObject({ code: 0 });
    }
    expect((await check('redshift-load', env)).all).toContainEqual(
      expect.objectContaining({ check: 'warehouse: leftovers', found: 'none' }),
    );
  });

  it('report a role that may not read the bucket, and drop what they created', async () => {
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const env = await healthy(bucket, database);
    await using front = await startHttpProxy(cloud.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '');
    const Error =
      'ERROR: Spectrum Scan Error. Detail: S3ServiceException: Access Denied, Status 403';
    const answer = (body: object) => () => ({ status: 200, body: JSON.stringify(body) });
    front.rules.push(
      {
        when: ({ body }) => body.includes('select count(*) from doctor_'),
        instead: answer({ Id: 'refused', Status: 'SUBMITTED' }),
      },
      {
        when: ({ body }) => body.includes('"refused"'),
        instead: answer({ Status: 'FAILED', Error }),
      },
    );
    const { bad } = await check('redshift-load', {
      ...env,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: front.url,
    });
    expect(bad).toMatchObject([
      {
        check: 'warehouse: external schema',
        exit: 78,
        found: expect.stringContaining('Access Denied') as string,
        action: expect.stringContaining('SPECTRUM_ROLE_ARN') as string,
      },
    ]);
    const left = "select schemaname from svv_external_schemas where schemaname like 'doctor%'";
    expect(cells((await operator(env, 'query', `--sql=${left}`)).stdout)).toEqual([]);
  });

  it('report a missing column and a missing table, and recommend an index', async () => {
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

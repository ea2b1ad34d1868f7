/** The jobs before the warehouse, with recognisable secrets and a record of every call they make. */
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { type HttpProxy, startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';

const jobs = ['extract-purchases', 'stage-reviews', 'emr-clean'] as const;
type JobName = (typeof jobs)[number];

/** Part of every secret and every row value that the test gives to a job. */
const mark = 'M4rk3d';
const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

const stack = new AsyncDisposableStack();
const bundles = new Map<JobName, BundledJob>();
/** Everything the jobs wrote or sent. */
const traces: string[] = [];
const processes = new Set<string>();
let cloud: TestCloud;
let bucket: TestBucket;
let database: TestDatabase;
let env: Readonly<Record<string, string>>;
let fronts: readonly HttpProxy[];

async function run(
  name: JobName,
  changes: Readonly<Record<string, string>> = {},
  ...argv: string[]
): Promise<Ended> {
  for (const front of fronts) front.calls.length = 0;
  const running = bundles.get(name)?.start({ ...env, ...changes }, '--ds=2010-12-01', ...argv);
  if (running === undefined) throw new Error(`${name} was not bundled`);
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args=']);
  for (const line of stdout.split('\n')) if (line.includes('main.mjs')) processes.add(line);
  const ended = await running.ended;
  traces.push(JSON.stringify(ended), running.stderrText());
  for (const front of fronts) {
    for (const call of front.calls) {
      if (!call.url.includes('.csv')) traces.push(`${call.url} ${call.body.toString()}`);
    }
  }
  return ended;
}

beforeAll(async () => {
  for (const name of jobs) bundles.set(name, await bundleJob(name));
  cloud = stack.use(await startLocalServers(['postgres', 's3', 'emr']));
  bucket = stack.use(await freshBucket(cloud));
  database = stack.use(await freshDatabase(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'security-')));
  await database.query(await readFile(ddl, 'utf8'));
  await database.query(
    `insert into retail.user_purchase values
     ('1', '2', '${mark}-detail', 6, '2010-12-01 08:00', 2.5, 17850, '${mark}-country')`,
  );
  const reviews = join(folder.path, 'reviews.csv');
  await writeFile(
    reviews,
    `cid,review_str\n17850,a good ${mark}-review\n17850,"${mark} unclosed\n`,
  );
  await writeFile(join(folder.path, 'wrong.csv'), `cid,${mark}\n1,${mark}\n`);
  const reader = `reader_${database.name}`;
  await database.query(
    `create role ${reader} login password '${mark}-password';
     grant usage on schema retail to ${reader}; grant select on retail.user_purchase to ${reader}`,
  );
  stack.defer(() =>
    database.query(`drop owned by ${reader}; drop role ${reader}`).then(() => undefined),
  );
  const front = async (variable: string) =>
    stack.use(await startHttpProxy(cloud.env[variable] ?? ''));
  const s3 = await front('AWS_ENDPOINT_URL_S3');
  const emr = await front('AWS_ENDPOINT_URL_EMR');
  fronts = [s3, emr];
  env = {
    ...bucket.env,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_EMR: emr.url,
    AWS_SESSION_TOKEN: `${mark}-token`,
    SOURCE_DATABASE_URL: Object.assign(new URL(database.url), {
      username: reader,
      password: `${mark}-password`,
    }).href,
    REVIEWS_SOURCE: reviews,
    MAX_REJECTED_REVIEWS: '0.5',
    LOG_LEVEL: 'trace',
    LOG_STACK: '1',
  };
  for (const name of ['extract-purchases', 'stage-reviews'] as const) {
    expect(await run(name)).toMatchObject({ code: 0 });
  }
  // Long enough to add a step, too short for it to end: Spark is not under test here.
  expect(await run('emr-clean', { EMR_STEP_TIMEOUT: '1s' })).toMatchObject({ code: 75 });
  const wrong = {
    SOURCE_DATABASE_URL: (env['SOURCE_DATABASE_URL'] ?? '').replace('-pass', '-PASS'),
  };
  const nowhere = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
  const failing: readonly (readonly [JobName, Readonly<Record<string, string>>])[] = [
    ['extract-purchases', wrong],
    ['extract-purchases', { SOURCE_DATABASE_URL: `postgres://u:${mark}@h:port/d` }],
    ['extract-purchases', { MIN_QUANTITY: mark, SOURCE_STATEMENT_TIMEOUT: mark }],
    ['stage-reviews', { REVIEWS_SOURCE: join(folder.path, 'wrong.csv') }],
    ['stage-reviews', nowhere],
    ['emr-clean', { EMR_CLUSTER_ID: 'j-NONE' }],
    ['emr-clean', { EMR_STEP_TIMEOUT: mark, MAX_REJECTED_REVIEWS: mark }],
  ];
  for (const [name, changes] of failing) {
    expect((await run(name, changes)).code, JSON.stringify([name, changes])).toBeGreaterThan(0);
  }
  for (const name of jobs) await run(name, {}, '--dry-run');
});
afterAll(() => stack.disposeAsync());

describe('secrets and row values (I10)', () => {
  it('are in no log, summary, error, request to a service, and no argument of a process', () => {
    expect(traces.length).toBeGreaterThan(30);
    expect(processes.size).toBeGreaterThan(5);
    for (const text of [...traces, ...processes]) {
      for (const secret of [mark, env['AWS_SECRET_ACCESS_KEY'] ?? '']) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('are in no manifest, report or lease', async () => {
    const keys = await bucket.keys();
    const documents = keys.filter((key) => /\/_\w+\.json$/.test(key));
    expect(documents.length).toBeGreaterThanOrEqual(2);
    for (const key of documents) expect(await bucket.text(key), key).not.toContain(mark);
  });

  it('would have been found: the files themselves hold the mark', async () => {
    const [file = ''] = (await bucket.keys('user_purchase/')).filter((key) => key.endsWith('.csv'));
    expect(await bucket.text(file)).toContain(mark);
  });
});

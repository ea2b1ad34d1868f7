/** Complete runs against the local cloud, with a real S3 server, real steps and real Spark. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@user-behaviour/shared/waiting';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster } from './emr-console.ts';
import { runToEnd, startJob } from './job-process.ts';
import { endedBy, published, realScript, reviews, stage } from './staged-reviews.ts';
import { remainingKeys } from './remaining-keys.ts';

let cloud: TestCloud;
let emr: EmrConsole;

beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
});

describe('one day', () => {
  it('is cleaned, counted and published; a rerun adds no step (I3)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    await stage(bucket, '2010-12-01', {
      lines: [...reviews(200), 'x,one bad line', 'line_too_long:2000000:1,the start of it'],
    });
    const first = await runToEnd(env, '--ds=2010-12-01', '--run-id=r1');
    expect(first.log).toContain('step added');
    expect(first.log).toContain('"positive":40');
    expect(first.exit).toBe(0);
    expect(first.summaries).toMatchObject([
      { ds: '2010-12-01', run: 'r1', status: 'published', rows: 200, rejected: 2, positive: 40 },
    ]);

    const manifest = await published(bucket, '2010-12-01');
    expect(manifest).toMatchObject({
      run: 'r1',
      generation: 1,
      parameters: { maxRejectedReviews: 0.01 },
      upstream: [{ key: 'movie_review/load/2010-12-01/_manifest.json', run: 'staged-1' }],
      rejected: { bad_cid: 1, line_too_long: 1 },
      totals: { rows: 200, rejected: 2 },
    });
    const [rejects] = await bucket.keys('movie_review/rejects/2010-12-01/r1/');
    expect(await bucket.text(rejects ?? '')).toContain('one bad line');
    // Only the manifest, the files that it names and the report remain. There is no lease.
    expect(await remainingKeys(bucket, 'movie_review/stage/')).toEqual([
      'movie_review/stage/2010-12-01/_manifest.json',
      'movie_review/stage/2010-12-01/r1/_report.json',
      ...(manifest?.files ?? []).map(({ key }) => key),
    ]);

    const names = (await emr.steps(cluster.id)).map(({ name }) => name);
    expect(names).toEqual([
      'emr-clean/2010-12-01/r1/1-copy-in',
      'emr-clean/2010-12-01/r1/2-clean',
      'emr-clean/2010-12-01/r1/3-copy-out',
      'emr-clean/2010-12-01/r1/4-clean-up',
    ]);
    await expect.poll(cloud.hdfsFiles, { timeout: 30_000 }).toEqual([]);
    const record = JSON.parse(await bucket.text('runs/emr-clean/r1.jsonl')) as object;
    expect(record).toMatchObject({
      ...first.summaries[0],
      parameters: { maxRejectedReviews: 0.01 },
      clusterId: cluster.id,
      steps: names.slice(0, 3).map((name) => ({ name, id: expect.any(String) as string })),
    });
    const second = await runToEnd(env, '--ds=2010-12-01', '--run-id=r2');
    expect(second).toMatchObject({
      exit: 0,
      summaries: [{ status: 'unchanged', publishedRun: 'r1' }],
    });
    expect(await emr.steps(cluster.id)).toHaveLength(4);
    expect(await published(bucket, '2010-12-01')).toEqual(manifest);
  });

  it('is cleaned again when its reviews change; a run id that was published is refused', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    await stage(bucket, '2010-12-01', { lines: reviews(10) });
    expect((await runToEnd(env, '--ds=2010-12-01', '--run-id=r1')).exit).toBe(0);
    await stage(bucket, '2010-12-01', { lines: reviews(20), run: 'staged-2' });
    const again = await runToEnd(env, '--ds=2010-12-01', '--run-id=r1');
    expect(again).toMatchObject({ exit: 64, summaries: [{ kind: 'usage' }] });
    const other = await runToEnd(env, '--ds=2010-12-01', '--run-id=r2');
    expect(other.summaries).toMatchObject([{ status: 'published', rows: 20, generation: 2 }]);
  });
});

describe('several days', () => {
  it('share one application; a day that is not staged or has bad data fails alone', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    await stage(bucket, '2010-12-01', { lines: reviews(30) });
    await stage(bucket, '2010-12-02', { lines: [...reviews(30), 'no comma', 'x,y'] });
    // 2010-12-03 is not staged.
    await stage(bucket, '2010-12-04', { lines: [] });
    await stage(bucket, '2010-12-05', { lines: reviews(30), rows: 31 });
    const range = ['--ds=2010-12-01', '--through=2010-12-05', '--run-id=r1'];
    const { exit, summaries } = await runToEnd(env, ...range);
    const byDs = new Map(summaries.map((line) => [line.ds, line]));
    expect(Object.fromEntries(byDs)).toMatchObject({
      '2010-12-01': { status: 'published', rows: 30, exit: 0 },
      '2010-12-02': { status: 'failed', kind: 'data', exit: 65 },
      '2010-12-03': { status: 'failed', kind: 'not-ready', exit: 75 },
      '2010-12-04': { status: 'published', rows: 0, exit: 0 },
      '2010-12-05': { status: 'failed', kind: 'data', exit: 65 },
    });
    expect(exit).toBe(65);
    const tooMany = byDs.get('2010-12-02');
    expect(tooMany?.message).toContain('2 of 32 reviews of 2010-12-02 were rejected');
    expect(tooMany?.message).toContain('wrong_column_count 1');
    expect(tooMany?.action).toContain(`s3://${bucket.name}/movie_review/rejects/2010-12-02/r1/`);
    expect(byDs.get('2010-12-05')?.message).toContain('read 30 reviews of 2010-12-05, but 31 were');
    expect((await emr.steps(cluster.id)).map(({ name }) => name)).toEqual([
      'emr-clean/2010-12-01..2010-12-05/r1/1-copy-in',
      'emr-clean/2010-12-01..2010-12-05/r1/2-clean',
      'emr-clean/2010-12-01..2010-12-05/r1/3-copy-out',
      'emr-clean/2010-12-01..2010-12-05/r1/4-clean-up',
    ]);

    // A rerun cleans the failed days once they are corrected, and leaves the published ones unchanged.
    const before = await published(bucket, '2010-12-01');
    await stage(bucket, '2010-12-03', { lines: reviews(5) });
    const loose = { ...env, MAX_REJECTED_REVIEWS: '0.1' };
    const other = await runToEnd(loose, '--ds=2010-12-02', '--through=2010-12-03');
    expect(other).toMatchObject({
      exit: 0,
      summaries: [{ status: 'published' }, { status: 'published' }],
    });
    expect(await published(bucket, '2010-12-01')).toEqual(before);
  });

  it('with identical files are cleaned once; each has its own files, report and manifest', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    const lines = [...reviews(200), 'x,one bad line'];
    await stage(bucket, '2010-12-01', { lines });
    await stage(bucket, '2010-12-02', { lines, run: 'staged-2' });
    await stage(bucket, '2010-12-03', { lines: reviews(7) });
    const range = ['--ds=2010-12-01', '--through=2010-12-03', '--run-id=r1'];
    const { exit, summaries } = await runToEnd(env, ...range);
    expect(exit).toBe(0);
    expect(summaries.toSorted((a, b) => (a.ds < b.ds ? -1 : 1))).toMatchObject([
      { ds: '2010-12-01', rows: 200, rejected: 1, positive: 40 },
      { ds: '2010-12-02', rows: 200, rejected: 1, positive: 40 },
      { ds: '2010-12-03', rows: 7, rejected: 0, positive: 2 },
    ]);
    const [one, two] = [
      await published(bucket, '2010-12-01'),
      await published(bucket, '2010-12-02'),
    ];
    expect(two?.upstream).toMatchObject([{ run: 'staged-2' }]);
    expect(two?.files.map(({ key }) => key)).toEqual(
      one?.files.map(({ key }) => key.replace('2010-12-01', '2010-12-02')),
    );
    expect(two?.files[0]?.sha256).toBe(one?.files[0]?.sha256);
    expect(await bucket.keys('movie_review/rejects/2010-12-02/r1/')).toHaveLength(1);
  });

  it('are retried in halves when some of them make the application fail, with a verdict or without', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    const script = endedBy('2010-12-03');
    await stage(bucket, '2010-12-01', { lines: reviews(10), script });
    await stage(bucket, '2010-12-02', { lines: reviews(11), script });
    await bucket.put('movie_review/load/2010-12-02/staged-1/movie.csv', 'other,header\n1,good\n');
    await stage(bucket, '2010-12-03', { lines: reviews(12), script });
    const range = ['--ds=2010-12-01', '--through=2010-12-03'];
    const { exit, summaries } = await runToEnd(env, ...range);
    expect(exit).toBe(65);
    expect(summaries.toSorted((a, b) => (a.ds < b.ds ? -1 : 1))).toMatchObject([
      { ds: '2010-12-01', status: 'published', rows: 10 },
      { ds: '2010-12-02', status: 'failed', kind: 'data' },
      { ds: '2010-12-03', status: 'failed', kind: 'transient' },
    ]);
    const messages = new Map(summaries.map(({ ds, message }) => [ds, message]));
    expect(messages.get('2010-12-02')).toContain('cid,review_str');
    expect(messages.get('2010-12-03')).toContain('exit code 137');
  });
});

describe('a day that is staged late', () => {
  it('is awaited and delays no other day', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    await stage(bucket, '2010-12-01', { lines: reviews(10) });
    const range = ['--ds=2010-12-01', '--through=2010-12-02', '--run-id=r1', '--wait=2m'];
    const job = startJob(env, ...range);
    const first = await waitFor(() => published(bucket, '2010-12-01'), {
      signal: AbortSignal.timeout(60_000),
      timeout: 60_000,
    });
    expect(first?.totals.rows).toBe(10);
    await stage(bucket, '2010-12-02', { lines: reviews(20) });
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([
      { ds: '2010-12-01', status: 'published' },
      { ds: '2010-12-02', status: 'published', rows: 20 },
    ]);
    expect(await emr.steps(cluster.id)).toHaveLength(8);
  });
});

describe('a script that fails without a verdict', () => {
  it('is a transient failure with its error message, tried once', async () => {
    await using cluster = await freshCluster(cloud, emr);
    const { bucket, env } = cluster;
    const script = realScript.replace(
      '    parser = Arguments(',
      "    raise ValueError('no luck')\n$&",
    );
    expect(script).not.toBe(realScript);
    await stage(bucket, '2010-12-01', { lines: reviews(10), script });
    const { exit, summaries } = await runToEnd(env, '--ds=2010-12-01');
    expect(exit).toBe(75);
    expect(summaries[0]?.message).toContain('ValueError: no luck');
    expect((await emr.steps(cluster.id)).map(({ name }) => name.split('/').at(-1))).toEqual([
      '1-copy-in',
      '2-clean',
      '4-clean-up',
    ]);
    await expect.poll(cloud.hdfsFiles, { timeout: 30_000 }).toEqual([]);
    expect(await remainingKeys(bucket, 'movie_review/stage/')).toEqual([]);
  });
});

describe('--dry-run', () => {
  it('prints the steps and needs no server', async () => {
    const env = {
      PIPELINE_BUCKET: 'lake',
      AWS_REGION: 'eu-west-1',
      EMR_CLUSTER_ID: 'j-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_EMR: 'http://127.0.0.1:9',
    };
    const { exit, summaries } = await runToEnd(env, '--ds=2010-12-01', '--dry-run', '--run-id=r1');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([
      { status: 'planned', writes: 's3://lake/movie_review/stage/2010-12-01/r1/' },
    ]);
    expect(summaries[0]?.steps).toHaveLength(4);
  });

  it('says the limit of each day by its rule; days with other limits go into other steps', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'rules-'));
    const rule =
      '{"parameter":"maxRejectedReviews","from":"2010-12-02","until":"2010-12-02","value":0.5}';
    await writeFile(join(folder.path, 'rules.json'), `{"version":1,"rules":[${rule}]}`);
    const env = {
      PIPELINE_BUCKET: 'lake',
      AWS_REGION: 'eu-west-1',
      EMR_CLUSTER_ID: 'j-1',
      RULES: join(folder.path, 'rules.json'),
    };
    const range = ['--ds=2010-12-01', '--through=2010-12-03', '--dry-run'];
    const { exit, summaries } = await runToEnd(env, ...range);
    expect(exit).toBe(0);
    expect(summaries.toSorted((a, b) => (a.ds < b.ds ? -1 : 1))).toMatchObject([
      { parameters: { maxRejectedReviews: 0.01 } },
      { parameters: { maxRejectedReviews: 0.5 } },
      { parameters: { maxRejectedReviews: 0.01 }, goesWith: '2010-12-01' },
    ]);
    expect(summaries.filter(({ steps }) => steps !== undefined)).toHaveLength(2);
  });
});

/** Several runs on one cluster, which does a step at a time: nobody's trouble is another's (I4). */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob, type Running } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConcurrently, type Process } from '../src/concurrent-runs.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { createRandom } from '@user-behaviour/sample/random';
import { baseSeed } from '../src/base-seed.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [clean, stage, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    startTestCloud(['s3', 'emr']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const days = [...dsRange(parseDs('2010-01-01'), parseDs('2010-01-03'))];

/** Three staged days of equal reviews, and a cluster of their own. */
async function open() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'reviews-')));
  const bucket = stack.use(await freshBucket(cloud));
  const emr = stack.use(new EmrInspector(cloud.env));
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, 'cid,review_str\n1,a good one\n2,not so bad\n');
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const staged = await stage.run(
    { ...bucket.env, REVIEWS_SOURCE: source },
    `--ds=${first}`,
    `--through=${last}`,
  );
  expect(staged.code).toBe(0);
  const cluster = await emr.startCluster();
  const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s' };
  const start = (ds: Ds): Running => clean.start(env, `--ds=${ds}`);
  const stepsOf = async (ds: Ds) =>
    (await emr.steps(cluster)).filter(({ name }) => name.startsWith(`emr-clean/${ds}/`));
  const all = stack.move();
  return {
    emr,
    cluster,
    start,
    /** Interleaved by the seed. The lease outlives any call that is held back. */
    async atOnce(processes: readonly Process[], seed: number) {
      const { ends, order } = await runConcurrently(
        clean,
        { ...env, EMR_LEASE: '60s' },
        processes,
        seed,
      );
      return { ends, told: `SEED=${seed}\n${order.join('\n')}` };
    },
    state: async (ds: Ds) => (await publishedDay(bucket, 'movie_review/stage', ds)).state,
    /** Resolves when the cluster has a step of the day, or the one whose name ends so. */
    seen: (ds: Ds, step = '') =>
      expect
        .poll(async () => (await stepsOf(ds)).some(({ name }) => name.endsWith(step)), {
          timeout: 60_000,
        })
        .toBe(true),
    stepsOf,
    /** All days run again as a scheduler does; each must then be what the first is, and the cluster idle. */
    async settle() {
      const again = await clean.run(env, `--ds=${first}`, `--through=${last}`);
      expect(again.code, JSON.stringify(again.summaries)).toBe(0);
      const states = [];
      for (const ds of days) {
        const { state } = await publishedDay(bucket, 'movie_review/stage', ds);
        states.push(JSON.stringify(state));
      }
      expect(new Set(states).size, states.join('\n')).toBe(1);
      expect(states[0]).toContain('"generation":1');
      expect(await emr.live(cluster)).toEqual([]);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe('emr-clean on a cluster that others use', () => {
  it('cancels its own steps when it is stopped, and nobody else’s', async () => {
    await using bench = await open();
    const stopped = createRandom(baseSeed(), 'shared cluster').pick(days);
    const running = new Map(days.map((ds) => [ds, bench.start(ds)]));
    await bench.seen(stopped);
    running.get(stopped)?.child.kill('SIGTERM');
    const codes = new Map<Ds, number | null>();
    for (const [ds, { ended }] of running) codes.set(ds, (await ended).code);
    const told = `SEED=${String(baseSeed())}: ${JSON.stringify([...codes])}`;
    for (const ds of days) {
      expect(codes.get(ds), told).toBe(ds === stopped ? 143 : 0);
      const states = new Set((await bench.stepsOf(ds)).map(({ state }) => state));
      if (ds !== stopped) expect([...states], told).toEqual(['COMPLETED']);
    }
    await bench.settle();
    report(`a shared cluster, one of ${String(days.length)} stopped`, {}, told);
  }, 300_000);

  it('outlives a step of others that cancels all that is pending', async () => {
    await using bench = await open();
    const running = days.map((ds) => bench.start(ds));
    // Behind the second step of each, and before what they add next.
    for (const ds of days) await bench.seen(ds, '/2-clean');
    await bench.emr.addFailing(bench.cluster, 'CANCEL_AND_WAIT');
    const codes: (number | null)[] = [];
    for (const { ended } of running) codes.push((await ended).code);
    for (const code of codes) expect([0, 75], JSON.stringify(codes)).toContain(code);
    const steps = await bench.emr.steps(bench.cluster);
    expect(steps.find(({ name }) => name === 'foreign')?.state).toBe('FAILED');
    const cancelled = steps.filter(({ state }) => state === 'CANCELLED').length;
    await bench.settle();
    report(
      'a shared cluster, pending steps cancelled by another',
      {},
      `${String(cancelled)} of them`,
      `ended with ${codes.join(', ')}`,
    );
  }, 300_000);
});

describe('runs of emr-clean whose calls go in an order that a seed decides', () => {
  const seeds = [baseSeed(), baseSeed() + 1];

  it.each(seeds)(
    'keep their days apart (I4): SEED=%i',
    async (seed) => {
      await using bench = await open();
      const processes = days.map((ds) => ({ run: `run-${ds}`, ds }));
      const { ends, told } = await bench.atOnce(processes, seed);
      for (const { code, summaries } of ends) {
        expect([code, summaries[0]?.['status']], told).toEqual([0, 'published']);
      }
      await bench.settle();
      report(`emr-clean at once, ${String(days.length)} days`, { interleavings: 1 });
    },
    300_000,
  );

  it.each(seeds)(
    'end as one where they are of one day (I4): SEED=%i',
    async (seed) => {
      await using bench = await open();
      const [ds = parseDs('2010-01-01')] = days;
      const count = 2 + (seed % 2);
      const processes = Array.from({ length: count }, (_, n) => ({ run: `run-${n}`, ds }));
      const { ends, told } = await bench.atOnce(processes, seed);
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      const statuses = ends.map(({ summaries }) => summaries[0]?.['status']);
      expect(
        statuses.filter((status) => status === 'published'),
        told,
      ).toHaveLength(1);
      expect(await bench.stepsOf(ds), told).toHaveLength(3);
      await bench.settle();
      report(`emr-clean at once, ${String(count)} runs of a day`, { interleavings: 1 });
    },
    300_000,
  );

  it('leave one of the two results, whole, where their parameters differ (I4)', async () => {
    await using bench = await open();
    const [ds = parseDs('2010-01-01')] = days;
    const shares = ['0.01', '0.5'];
    const processes = shares.map((MAX_REJECTED_REVIEWS, n) => ({
      ...{ run: `run-${n}`, ds },
      env: { MAX_REJECTED_REVIEWS },
    }));
    const { ends, told } = await bench.atOnce(processes, baseSeed());
    expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
    const found = JSON.stringify(await bench.state(ds));
    const either = shares.map((share) => `"maxRejectedReviews":${String(Number(share))}`);
    expect(
      either.filter((one) => found.includes(one)),
      `${told}\n${found}`,
    ).toHaveLength(1);
    expect(await bench.emr.live(bench.cluster), told).toEqual([]);
    report('emr-clean at once, two parameters', { interleavings: 1 });
  }, 300_000);
});

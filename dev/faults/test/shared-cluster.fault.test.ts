/** Several runs on one cluster that runs one step at a time: trouble of one run does not affect another (I4). */
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';

import { type BundledJob, bundleJob, type Running } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConcurrently, type Process } from '../src/concurrent-runs.ts';
import { dayArguments } from '../src/day-arguments.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { createRandom } from '@user-behaviour/sample/random';
import { baseSeed } from '../src/choice.ts';
import { report } from './report.ts';
import { stagedBucket } from './staged-reviews.ts';

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

/** Three staged days with equal reviews, and a cluster for them. */
async function open() {
  await using stack = new AsyncDisposableStack();
  const reviews = ['1,a good one', '2,not so bad'];
  const bucket = stack.use(await stagedBucket(cloud, stage, reviews, ...dayArguments(days)));
  const emr = stack.use(new EmrInspector(cloud.env));
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
    /** The lease is longer than any call is held back. */
    runConcurrently: (processes: readonly Process[], seed: number) =>
      runConcurrently(clean, { ...env, EMR_LEASE: '60s' }, processes, seed),
    state: async (ds: Ds) => (await publishedDay(bucket, 'movie_review/stage', ds)).state,
    /** Resolves when the cluster has a step of the day whose name ends with `step`. */
    untilStep: (ds: Ds, step = '') =>
      expect
        .poll(async () => (await stepsOf(ds)).some(({ name }) => name.endsWith(step)), {
          timeout: 60_000,
        })
        .toBe(true),
    stepsOf,
    /** Runs all days again, as a scheduler does. All days must then be equal and the cluster idle. */
    async expectSettled() {
      const again = await clean.run(env, ...dayArguments(days));
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

describe('emr-clean on a shared cluster', () => {
  it('cancels only its own steps when it is stopped', async () => {
    await using fixture = await open();
    const stopped = createRandom(baseSeed(), 'shared cluster').pick(days);
    const running = new Map(days.map((ds) => [ds, fixture.start(ds)]));
    await fixture.untilStep(stopped);
    running.get(stopped)?.child.kill('SIGTERM');
    const codes = new Map<Ds, number | null>();
    for (const [ds, { ended }] of running) codes.set(ds, (await ended).code);
    const context = `SEED=${String(baseSeed())}: ${JSON.stringify([...codes])}`;
    for (const ds of days) {
      expect(codes.get(ds), context).toBe(ds === stopped ? 143 : 0);
      const states = new Set((await fixture.stepsOf(ds)).map(({ state }) => state));
      if (ds !== stopped) expect([...states], context).toEqual(['COMPLETED']);
    }
    await fixture.expectSettled();
    report(`a shared cluster, one of ${String(days.length)} stopped`, {}, context);
  }, 600_000);

  it('survives a foreign step that cancels all pending steps', async () => {
    await using fixture = await open();
    const running = days.map((ds) => fixture.start(ds));
    // After the second step of each day, and before the third.
    for (const ds of days) await fixture.untilStep(ds, '/2-clean');
    await fixture.emr.addFailing(fixture.cluster, 'CANCEL_AND_WAIT');
    const codes: (number | null)[] = [];
    for (const { ended } of running) codes.push((await ended).code);
    for (const code of codes) expect([0, 75], JSON.stringify(codes)).toContain(code);
    const steps = await fixture.emr.steps(fixture.cluster);
    expect(steps.find(({ name }) => name === 'foreign')?.state).toBe('FAILED');
    const cancelled = steps.filter(({ state }) => state === 'CANCELLED').length;
    await fixture.expectSettled();
    report(
      'a shared cluster, pending steps cancelled by a foreign step',
      {},
      `${String(cancelled)} of them`,
      `ended with ${codes.join(', ')}`,
    );
  }, 600_000);
});

describe('runs of emr-clean, interleaved in an order that a seed decides', () => {
  const seeds = [baseSeed(), baseSeed() + 1];

  it.each(seeds)(
    'do not affect other days (I4): SEED=%i',
    async (seed) => {
      await using fixture = await open();
      const processes = days.map((ds) => ({ run: `run-${ds}`, ds }));
      const { ends, context } = await fixture.runConcurrently(processes, seed);
      for (const { code, summaries } of ends) {
        expect([code, summaries[0]?.['status']], context).toEqual([0, 'published']);
      }
      await fixture.expectSettled();
      report(`concurrent emr-clean, ${String(days.length)} days`, { interleavings: 1 });
    },
    300_000,
  );

  it.each(seeds)(
    'of one day converge on one result (I4): SEED=%i',
    async (seed) => {
      await using fixture = await open();
      const [ds = parseDs('2010-01-01')] = days;
      const count = 2 + (seed % 2);
      const processes = Array.from({ length: count }, (_, n) => ({ run: `run-${n}`, ds }));
      const { ends, context } = await fixture.runConcurrently(processes, seed);
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      const statuses = ends.map(({ summaries }) => summaries[0]?.['status']);
      expect(
        statuses.filter((status) => status === 'published'),
        context,
      ).toHaveLength(1);
      expect(await fixture.stepsOf(ds), context).toHaveLength(4);
      await fixture.expectSettled();
      report(`concurrent emr-clean, ${String(count)} runs of a day`, { interleavings: 1 });
    },
    300_000,
  );

  it('with different parameters leave one of the two complete results (I4)', async () => {
    await using fixture = await open();
    const [ds = parseDs('2010-01-01')] = days;
    const shares = ['0.01', '0.5'];
    const processes = shares.map((MAX_REJECTED_REVIEWS, n) => ({
      ...{ run: `run-${n}`, ds },
      env: { MAX_REJECTED_REVIEWS },
    }));
    const { ends, context } = await fixture.runConcurrently(processes, baseSeed());
    expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
    const found = JSON.stringify(await fixture.state(ds));
    const either = shares.map((share) => `"maxRejectedReviews":${String(Number(share))}`);
    expect(
      either.filter((one) => found.includes(one)),
      `${context}\n${found}`,
    ).toHaveLength(1);
    expect(await fixture.emr.live(fixture.cluster), context).toEqual([]);
    report('concurrent emr-clean, two parameters', { interleavings: 1 });
  }, 600_000);
});

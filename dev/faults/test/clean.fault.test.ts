/** emr-clean, killed and disturbed at every call it makes, with real Spark (I5). */
import { writeFile, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Semaphore } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { type Fault, type Injection, isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import type { Variables } from '../src/inject/fault-proxy.ts';
import { type SequenceEnd, runFaultSequence } from '../src/fault-sequence.ts';
import { orphansAfterSweep, type Swept } from '../src/orphans.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [clean, stage, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    // The sweep asks the ledger which runs it must keep.
    startTestCloud(['s3', 'emr', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const reviews = Array.from({ length: 40 }, (_, n) =>
  n % 5 === 0 ? `${n},"a good one, ""quoted"""` : `${n},not so bad`,
);

/** Every n-th of them, from the k-th. */
const share = <T>(of: readonly T[], k: number, n: number): T[] =>
  of.filter((_, at) => at % n === k);

const each = (effects: readonly string[], ...kinds: readonly Fault[]): Injection[] =>
  effects.flatMap((effect) => kinds.map((fault) => ({ effect, fault })));

/** After these a rerun finds the day done and comes to no further effect: one kill a day. */
const atTheEnd = /PutObject .*_manifest|DeleteObject .*_lease/;

const times = <T>(count: number, of: readonly T[]): T[] =>
  Array.from({ length: count }, () => of).flat();

interface Plan {
  readonly run?: string;
  readonly injections: readonly Injection[];
  readonly env?: Variables;
  /** How many days one process does; default: one. */
  readonly days?: number;
}

/** What a day became, with what is still under way on its cluster. */
interface Lived {
  readonly end: SequenceEnd;
  readonly rows: readonly string[];
  /** Of each of its days. */
  readonly states: readonly unknown[];
  readonly live: readonly unknown[];
}

interface Bench extends AsyncDisposable {
  readonly undisturbed: Lived;
  /** In the order of the undisturbed run. */
  readonly effects: readonly string[];
  readonly live: (plan: Plan) => Promise<Lived>;
  readonly swept: () => Promise<Swept>;
}

let nextDay = parseDs('2010-01-01');

/** No two tests share a day, because runs of one name and day share a folder of HDFS, whatever their bucket. */
function takeDays(count: number): Ds[] {
  return Array.from({ length: count }, () => {
    const ds = nextDay;
    nextDay = nextDs(ds);
    return ds;
  });
}

async function open(): Promise<Bench> {
  const days = takeDays(10);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'reviews-')));
  const bucket = stack.use(await freshBucket(cloud));
  const emr = stack.use(new EmrInspector(cloud.env));
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, ['cid,review_str', ...reviews, ''].join('\n'));
  const range = [`--ds=${days[0] ?? ''}`, `--through=${days.at(-1) ?? ''}`];
  expect(await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, ...range)).toMatchObject({
    code: 0,
  });
  const live = async ({ run, injections, env: own, days: count = 1 }: Plan): Promise<Lived> => {
    const range = days.splice(0, count);
    const cluster = await emr.startCluster();
    const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s', ...own };
    const named = run === undefined ? {} : { run };
    const end = await runFaultSequence({ job: clean, env, days: range, injections, ...named });
    const rows: string[] = [];
    const states: unknown[] = [];
    for (const day of range) {
      const found = await publishedDay(bucket, 'movie_review/stage', day);
      // The lease of a run that was killed in its last moment expires; `sweep` removes it.
      const strays = found.strays.filter((key) => !key.endsWith('/_lease.json'));
      rows.push(...found.rows);
      states.push({ ...(found.state as object), strays });
    }
    // A step that was added late as well is done a second time, and nobody waits for it.
    if (injections.some(({ fault }) => fault === 'applied late')) {
      const idle = async () => {
        expect(await emr.live(cluster)).toEqual([]);
      };
      await vi.waitFor(idle, { timeout: 60_000 });
    }
    return { end, rows, states, live: await emr.live(cluster) };
  };
  const undisturbed = await live({ injections: [] });
  expect(undisturbed.end).toMatchObject({ starts: 1, wrong: [] });
  const all = stack.move();
  return {
    undisturbed,
    live,
    swept: () => orphansAfterSweep(bucket, bucket.env),
    // A lease is renewed by the clock, as often as a slow machine needs.
    effects: undisturbed.end.effects.filter((effect) => !/_lease.* #/.test(effect)),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Over all tests of this file: most of the time a job only waits until the lease of a killed one expires. */
const jobs = new Semaphore(6);

async function survive(title: string, plansOf: (effects: readonly string[]) => readonly Plan[]) {
  await using bench = await jobs.run(open);
  const { effects, undisturbed } = bench;
  expect(effects.length).toBeGreaterThan(20);
  const problems: unknown[] = [];
  const met = { injected: 0, starts: 0 };
  const tally = new RowTally();
  const follow = async (plan: Plan) => {
    const { days = 1 } = plan;
    const { end, rows, states, live } = await bench.live(plan);
    tally.compare(times(days, undisturbed.rows), rows);
    // What is asked several times may be asked less often by a run that takes up another's steps.
    const unmet = end.unmet.filter(({ effect }) => !effect.includes('#') || days > 1);
    const found = { wrong: end.wrong, unmet, states, live };
    const expected = { wrong: [], unmet: [], states: times(days, undisturbed.states), live: [] };
    if (!isDeepStrictEqual(found, expected)) problems.push(found);
    met.injected += plan.injections.length - end.unmet.length;
    met.starts += end.starts;
  };
  await Promise.all(plansOf(effects).map((plan) => jobs.run(() => follow(plan))));
  // The lease of a run that was killed last is not swept before it has expired.
  let swept = await bench.swept();
  for (const until = Date.now() + 10_000; swept.orphans.length > 0 && Date.now() < until;) {
    swept = await bench.swept();
  }
  const counts = {
    'effects named': effects.length,
    'faults injected': met.injected,
    survived: problems.length === 0 ? met.injected : 0,
    'orphans after sweep': swept.orphans.length,
    ...tally.counts,
  };
  report(`emr-clean, ${title}`, counts, `${met.starts} starts`, swept.removed);
  expect(swept.orphans).toEqual([]);
  expect(problems).toEqual([]);
}

describe.concurrent('emr-clean', () => {
  // It takes up the steps that are done, so it comes to the next effect at once.
  it('killed at every effect and tried again as the same run ends equal (I5)', async () => {
    await survive('same run', (effects) => {
      const many = effects.filter((effect) => !atTheEnd.test(effect));
      const [publish = '', release = ''] = effects.filter((effect) => atTheEnd.test(effect));
      const last = [
        each([publish], 'killed before', 'killed after'),
        each([release], 'killed before'),
        each([release], 'killed after'),
      ];
      return last.map((end, k) => ({
        run: 'again',
        injections: [...each(share(many, k, 3), 'killed before', 'killed after'), ...end],
      }));
    });
  }, 600_000);

  // It begins anew: once Spark has run, only what matters most is tried here.
  it('killed at every effect and run again ends equal (I5)', async () => {
    await survive('new run', (effects) => {
      const spark = effects.indexOf('emr DescribeStep 2-clean (last)');
      const pivots = effects.filter((effect) => /AddJobFlowSteps 3|PutObject .*_man/.test(effect));
      return [0, 1].map((k) => ({
        injections: [
          ...each(share(effects.slice(0, spark), k, 2), 'killed before', 'killed after'),
          ...each(share(pivots, k, 2), 'killed after'),
        ],
      }));
    });
  }, 600_000);

  it('killed amid a range of days in one application ends equal (I5)', async () => {
    const manifest = 's3 PutObject movie_review/stage/{ds}/_manifest.json if-none-match';
    await survive('three days in one application', () => [
      {
        run: 'again',
        days: 3,
        injections: [
          ...each(['emr AddJobFlowSteps 2-clean'], 'killed after'),
          ...each(['emr DescribeStep 2-clean (last)'], 'killed after'),
          // Some days are published, some are not: how many, and so whether a next start comes to
          // a second one, is chance. Each such kill has days of its own.
          ...each([`${manifest} #2`], 'killed before'),
        ],
      },
      { run: 'again', days: 3, injections: each([`${manifest} #2`], 'killed after') },
      {
        days: 3,
        injections: [
          ...each(['emr AddJobFlowSteps 1-copy-in'], 'killed after'),
          ...each([`${manifest} #2`], 'killed after'),
        ],
      },
    ]);
  }, 600_000);

  it('answered wrongly at every effect ends equal (I5)', async () => {
    const kinds = ['error reply', 'errors in a row', 'lost answer', 'answered twice'] as const;
    await survive('wrong answers', (effects) => [
      ...kinds.map((fault) => ({ run: 'again', injections: each(effects, fault) })),
      // Of these each effect meets one: they take their time.
      {
        run: 'again',
        injections: lateFaults.flatMap((fault, k) =>
          each(share(effects.filter(isFirstOverHttp), k, lateFaults.length), fault),
        ),
        env: { SOCKET_TIMEOUT: '1s' },
      },
    ]);
  }, 600_000);
});

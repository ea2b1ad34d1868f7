/** emr-clean, killed and disturbed at every call it makes, with real Spark (I5). */
import { isDeepStrictEqual } from 'node:util';
import { Semaphore } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { isChosen, oneOrAll } from '../src/choice.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { type Fault, type Injection, isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import type { Variables } from '../src/inject/fault-proxy.ts';

import { type SequenceEnd, runFaultSequence } from '../src/fault-sequence.ts';
import { orphansAfterSweep, type Swept } from '../src/orphans.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { report } from './report.ts';
import { stagedBucket } from './staged-reviews.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [clean, stage, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    // The sweep reads from the ledger which runs it must keep.
    startTestCloud(['s3', 'emr', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const reviews = Array.from({ length: 40 }, (_, n) =>
  n % 5 === 0 ? `${n},"a good one, ""quoted"""` : `${n},not so bad`,
);

/** Every n-th element, starting with the k-th. */
const everyNth = <T>(of: readonly T[], k: number, n: number): T[] =>
  of.filter((_, at) => at % n === k);

const injectionsAt = (effects: readonly string[], ...kinds: readonly Fault[]): Injection[] =>
  effects.flatMap((effect) => kinds.map((fault) => ({ effect, fault })));

/** After these, a rerun finds the day done and makes no further call: one kill per day. */
const finalEffects = /PutObject .*_manifest|DeleteObject .*_lease|DescribeStep 4-clean-up/;

/** These may add a step when the folder on HDFS has been removed, or leave the step out that removes it. */
const mayLeaveFiles: readonly Fault[] = ['applied late', 'errors in a row'];

const repeated = <T>(count: number, of: readonly T[]): T[] =>
  Array.from({ length: count }, () => of).flat();

interface Plan {
  readonly run?: string;
  readonly injections: readonly Injection[];
  readonly env?: Variables;
  /** How many days one process does; default: 1. */
  readonly days?: number;
}

/** The state of the plan's days, and the live steps on its cluster. */
interface PlanResult {
  readonly end: SequenceEnd;
  readonly rows: readonly string[];
  /** One per day. */
  readonly states: readonly unknown[];
  readonly live: readonly unknown[];
  /** Files that the plan's runs have left on HDFS. */
  readonly hdfs: readonly string[];
}

interface Fixture extends AsyncDisposable {
  readonly undisturbed: PlanResult;
  /** In the order of the undisturbed run. */
  readonly effects: readonly string[];
  readonly runPlan: (plan: Plan) => Promise<PlanResult>;
  readonly sweep: () => Promise<Swept>;
}

let nextDay = parseDs('2010-01-01');

/** No two tests share a day: runs of one name and day share a folder of HDFS, whatever their bucket. */
function takeDays(count: number): Ds[] {
  return Array.from({ length: count }, () => {
    const ds = nextDay;
    nextDay = nextDs(ds);
    return ds;
  });
}

async function open(): Promise<Fixture> {
  const days = takeDays(10);
  await using stack = new AsyncDisposableStack();
  const range = [`--ds=${days[0] ?? ''}`, `--through=${days.at(-1) ?? ''}`];
  const bucket = stack.use(await stagedBucket(cloud, stage, reviews, ...range));
  const emr = stack.use(new EmrInspector(cloud.env));
  const runPlan = async ({
    run,
    injections,
    env: own,
    days: count = 1,
  }: Plan): Promise<PlanResult> => {
    const range = days.splice(0, count);
    const cluster = await emr.startCluster();
    const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s', ...own };
    const named = run === undefined ? {} : { run };
    const end = await runFaultSequence({ job: clean, env, days: range, injections, ...named });
    const rows: string[] = [];
    const states: unknown[] = [];
    for (const day of range) {
      const found = await publishedDay(bucket, 'movie_review/stage', day);
      // The lease of a run that was killed at its last call expires; `sweep` removes it.
      const strays = found.strays.filter((key) => !key.endsWith('/_lease.json'));
      rows.push(...found.rows);
      states.push({ ...(found.state as object), strays });
    }
    // The job does not wait for a step that is added late and runs a second time, nor long for its last one.
    const idle = async () => {
      expect(await emr.live(cluster)).toEqual([]);
    };
    await vi.waitFor(idle, { timeout: 60_000 });
    const isOwn = (path: string) => range.some((ds) => path.startsWith(`/movie_review/${ds}/`));
    const checksFiles = injections.every(({ fault }) => !mayLeaveFiles.includes(fault));
    const hdfs = checksFiles ? (await cloud.hdfsFiles()).filter(isOwn) : [];
    return { end, rows, states, live: await emr.live(cluster), hdfs };
  };
  const undisturbed = await runPlan({ injections: [] });
  expect(undisturbed.end).toMatchObject({ starts: 1, wrong: [] });
  const all = stack.move();
  return {
    undisturbed,
    runPlan,
    sweep: () => orphansAfterSweep(bucket, bucket.env),
    // How often a lease is renewed depends on the speed of the machine.
    effects: undisturbed.end.effects.filter((effect) => !/_lease.* #/.test(effect)),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Across all tests of this file: most of the time a job only waits for the lease of a killed one to expire. */
const jobs = new Semaphore(6);

async function survive(title: string, plansOf: (effects: readonly string[]) => readonly Plan[]) {
  await using fixture = await jobs.run(open);
  const { effects, undisturbed } = fixture;
  expect(effects.length).toBeGreaterThan(20);
  const problems: unknown[] = [];
  const met = { injected: 0, starts: 0 };
  const tally = new RowTally();
  const follow = async (plan: Plan) => {
    const { days = 1 } = plan;
    const { end, rows, states, live, hdfs } = await fixture.runPlan(plan);
    tally.compare(repeated(days, undisturbed.rows), rows);
    // A run that continues another's steps may make fewer of the repeated calls.
    const unmet = end.unmet.filter(({ effect }) => !effect.includes('#') || days > 1);
    const found = { wrong: end.wrong, unmet, states, live, hdfs };
    const nothing = { wrong: [], unmet: [], live: [], hdfs: [] };
    const expected = { ...nothing, states: repeated(days, undisturbed.states) };
    if (!isDeepStrictEqual(found, expected)) problems.push(found);
    met.injected += plan.injections.length - end.unmet.length;
    met.starts += end.starts;
  };
  await Promise.all(plansOf(effects).map((plan) => jobs.run(() => follow(plan))));
  // The lease of the last killed run is not swept before it has expired.
  let sweep = await fixture.sweep();
  for (const until = Date.now() + 10_000; sweep.orphans.length > 0 && Date.now() < until;) {
    sweep = await fixture.sweep();
  }
  const counts = {
    'effects named': effects.length,
    'faults injected': met.injected,
    survived: problems.length === 0 ? met.injected : 0,
    'orphans after sweep': sweep.orphans.length,
    ...tally.counts,
  };
  report(`emr-clean, ${title}`, counts, `${met.starts} starts`, sweep.removed);
  expect(sweep.orphans).toEqual([]);
  expect(problems).toEqual([]);
}

describe.concurrent('emr-clean', () => {
  // It continues with the steps that are done, and so quickly reaches the next effect.
  it('gives the same result when killed at every effect and retried as the same run (I5)', async () => {
    await survive('same run', (effects) => {
      const many = effects.filter((effect) => !finalEffects.test(effect));
      const [publish = '', release = ''] = effects.filter((effect) => finalEffects.test(effect));
      const last = [
        injectionsAt([publish], 'killed before', 'killed after'),
        injectionsAt([release], 'killed before'),
        injectionsAt([release], 'killed after'),
      ];
      const kills = many.flatMap((effect, row) =>
        (['killed before', 'killed after'] as const)
          .filter((_, column) => isChosen(row, column, 2))
          .map((fault): Injection => ({ effect, fault })),
      );
      return last.map((end, k) => ({
        run: 'again',
        injections: [...everyNth(kills, k, 3), ...end],
      }));
    });
  }, 600_000);

  // It starts from the beginning: after Spark, only the most important effects are tried.
  it('gives the same result when killed at every effect and run again (I5)', async () => {
    await survive('new run', (effects) => {
      const spark = effects.indexOf('emr DescribeStep 2-clean (last)');
      const pivots = effects.filter((effect) => /AddJobFlowSteps 3|PutObject .*_man/.test(effect));
      return oneOrAll([0, 1]).map((k) => ({
        injections: [
          ...injectionsAt(everyNth(effects.slice(0, spark), k, 2), 'killed before', 'killed after'),
          ...injectionsAt(everyNth(pivots, k, 2), 'killed after'),
        ],
      }));
    });
  }, 600_000);

  it('gives the same result when killed within a range of days in one application (I5)', async () => {
    const manifest = 's3 PutObject movie_review/stage/{ds}/_manifest.json if-none-match';
    await survive('three days in one application', () =>
      oneOrAll([
        {
          run: 'again',
          days: 3,
          injections: [
            ...injectionsAt(['emr AddJobFlowSteps 2-clean'], 'killed after'),
            ...injectionsAt(['emr DescribeStep 2-clean (last)'], 'killed after'),
            // How many days are published at the kill is random, and so is whether the next start
            // publishes a second one. Each such kill therefore has separate days.
            ...injectionsAt([`${manifest} #2`], 'killed before'),
          ],
        },
        { run: 'again', days: 3, injections: injectionsAt([`${manifest} #2`], 'killed after') },
        {
          days: 3,
          injections: [
            ...injectionsAt(['emr AddJobFlowSteps 1-copy-in'], 'killed after'),
            ...injectionsAt([`${manifest} #2`], 'killed after'),
          ],
        },
      ]),
    );
  }, 600_000);

  it('gives the same result when every effect is answered wrongly (I5)', async () => {
    const kinds = ['error reply', 'errors in a row', 'lost answer', 'answered twice'] as const;
    await survive('wrong answers', (effects) => [
      ...oneOrAll(kinds).map((_, k, { length }) => ({
        run: 'again',
        injections: effects.flatMap((effect, row) => {
          const fault = kinds[length === 1 ? (row + k) % kinds.length : k];
          return fault === undefined ? [] : [{ effect, fault }];
        }),
      })),
      // Each effect meets one of the late faults, because they are slow.
      {
        run: 'again',
        injections: lateFaults.flatMap((fault, k) =>
          injectionsAt(everyNth(effects.filter(isFirstOverHttp), k, lateFaults.length), fault),
        ),
        env: { SOCKET_TIMEOUT: '1s' },
      },
    ]);
  }, 600_000);
});

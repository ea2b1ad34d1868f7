/** emr-clean, killed and disturbed at every call it makes, with real Spark (I5). */
import { writeFile, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/cloud';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/bucket-world.ts';
import { EmrEye } from '../src/emr-eye.ts';
import type { Fault, Injection } from '../src/fault.ts';
import { atMost } from '../src/kill-anywhere.ts';
import { runLane } from '../src/lane.ts';
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

const reviews = Array.from({ length: 40 }, (_, n) =>
  n % 5 === 0 ? `${n},"a good one, ""quoted"""` : `${n},not so bad`,
);

/** Every n-th of them, from the k-th. */
const share = <T>(of: readonly T[], k: number, n: number): T[] =>
  of.filter((_, at) => at % n === k);

const each = (effects: readonly string[], ...kinds: readonly Fault[]): Injection[] =>
  effects.flatMap((effect) => kinds.map((fault) => ({ effect, fault })));

interface Plan {
  readonly title: string;
  readonly run?: string;
  readonly injections: readonly Injection[];
}

/** `effects` in the order of an undisturbed run. */
function plans(effects: readonly string[]): Plan[] {
  const spark = effects.indexOf('emr DescribeStep 2-clean (last)');
  const before = effects.slice(0, spark);
  const pivots = effects.filter((effect) =>
    /AddJobFlowSteps 3|PutObject .*_manifest|GetObject .*_report/.test(effect),
  );
  return [
    // A retry of the same run takes up the steps that are done, so it comes to the next effect at once.
    ...[0, 1, 2].map((k) => ({
      title: `killed, same run, ${k}`,
      run: 'again',
      injections: each(share(effects, k, 3), 'killed before', 'killed after'),
    })),
    // A new run begins anew: after Spark has run only what matters most is tried here.
    ...[0, 1, 2].map((k) => ({
      title: `killed, new run, ${k}`,
      injections: [
        ...each(share(before, k, 3), 'killed before', 'killed after'),
        ...each(share(pivots, k, 3), 'killed after'),
      ],
    })),
    ...(['error reply', 'errors in a row', 'lost answer', 'answered twice'] as const).map(
      (fault) => ({ title: fault, run: 'again', injections: each(effects, fault) }),
    ),
  ];
}

it('emr-clean survives every fault at every effect (I5)', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  await using bucket = await freshBucket(cloud);
  using emr = new EmrEye(cloud.env);
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, ['cid,review_str', ...reviews, ''].join('\n'));
  const range = ['--ds=2010-01-01', '--through=2010-01-20'];
  expect(await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, ...range)).toMatchObject({
    code: 0,
  });

  const lane = async (ds: Ds, { run, injections }: Omit<Plan, 'title'>) => {
    const cluster = await emr.startCluster();
    const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s' };
    const named = run === undefined ? {} : { run };
    const end = await runLane({ job: clean, env, ds, injections, ...named });
    const { world, strays, abandoned } = await publishedDay(bucket, 'movie_review/stage', ds);
    return {
      end,
      world: { ...(world as object), strays },
      abandoned,
      live: await emr.live(cluster),
    };
  };
  let ds = parseDs('2010-01-01');
  const undisturbed = await lane(ds, { injections: [] });
  // A lease is renewed by the clock, as often as a slow machine needs.
  const effects = undisturbed.end.effects.filter((effect) => !/_lease.* #/.test(effect));
  expect(undisturbed.end).toMatchObject({ starts: 1, wrong: [] });

  const problems: unknown[] = [];
  const met = { injected: 0, starts: 0 };
  const days = plans(effects).map((plan) => ({ plan, ds: (ds = nextDs(ds)) }));
  await atMost(5, days, async ({ plan, ds }) => {
    const { end, world, live } = await lane(ds, plan);
    // What is asked several times may be asked less often by a run that takes up another's steps.
    const unmet = end.unmet.filter(({ effect }) => !effect.includes('#'));
    const found = { wrong: end.wrong, unmet, world, live };
    const expected = { wrong: [], unmet: [], world: undisturbed.world, live: [] };
    if (!isDeepStrictEqual(found, expected)) problems.push(plan.title, found);
    met.injected += plan.injections.length - end.unmet.length;
    met.starts += end.starts;
  });
  report(
    `emr-clean: ${effects.length} effects named, ${met.injected} faults injected in ${met.starts} starts, ${problems.length} lanes ended differently`,
  );
  expect(problems).toEqual([]);
  expect(effects.length).toBeGreaterThan(20);
}, 600_000);

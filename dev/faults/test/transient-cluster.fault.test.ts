/** emr-clean with a transient cluster, disturbed at every call that starts, finds or ends one (I5). */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import type { Fault, Injection } from '../src/inject/fault.ts';

import { runFaultSequence } from '../src/fault-sequence.ts';
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
    startTestCloud(['s3', 'emr']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const transientCluster = {
  EMR_SERVICE_ROLE: 'service',
  EMR_JOB_FLOW_ROLE: 'nodes',
  EMR_SUBNET_ID: 'subnet-1a',
};

const effects = ['emr ListClusters', 'emr RunJobFlow', 'emr TerminateJobFlows'] as const;
const injectionsAt = (effect: string, ...kinds: readonly Fault[]): Injection[] =>
  kinds.map((fault) => ({ effect, fault }));
const [list, start, end] = effects;

/** `remaining`: the last call never reached EMR, but the day is done; the cluster ends after its idle time. */
const plans: readonly { run?: string; injections: readonly Injection[]; remaining?: number }[] = [
  {
    run: 'own-again',
    injections: [
      ...injectionsAt(start, 'killed before', 'killed after'),
      ...injectionsAt(end, 'killed after'),
    ],
  },
  {
    injections: [
      ...injectionsAt(start, 'killed before', 'killed after'),
      ...injectionsAt(end, 'error reply'),
    ],
  },
  {
    run: 'own-refused',
    injections: [...injectionsAt(start, 'error reply'), ...injectionsAt(end, 'lost answer')],
  },
  {
    run: 'own-lost',
    injections: [
      ...injectionsAt(list, 'killed before', 'killed after'),
      ...injectionsAt(start, 'lost answer'),
    ],
  },
  {
    run: 'own-twice',
    injections: [
      ...injectionsAt(list, 'error reply'),
      ...injectionsAt(`${list} #2`, 'lost answer'),
      ...injectionsAt(`${list} #3`, 'answered twice'),
      ...injectionsAt(start, 'answered twice'),
      ...injectionsAt(end, 'answered twice'),
    ],
  },
  { run: 'own-last', injections: injectionsAt(end, 'killed before'), remaining: 1 },
];

it('gives the same result, and leaves no cluster that is never ended', async () => {
  const reviews = ['1,a good one', '2,"not, so bad"'];
  const range = ['--ds=2010-01-01', '--through=2010-01-07'];
  await using bucket = await stagedBucket(cloud, stage, reviews, ...range);
  using emr = new EmrInspector(cloud.env);
  let ds = parseDs('2010-01-01');
  const runDay = async (run: string | undefined, injections: readonly Injection[]) => {
    const day = ds;
    ds = nextDs(ds);
    const env = { ...bucket.env, EMR_CLUSTER_ID: '', EMR_LEASE: '3s', ...transientCluster };
    const named = run === undefined ? {} : { run };
    const sequence = await runFaultSequence({ job: clean, env, days: [day], injections, ...named });
    const { state, rows, manifest } = await publishedDay(bucket, 'movie_review/stage', day);
    return { ...sequence, state, rows, published: manifest?.run ?? '' };
  };
  const undisturbed = await runDay('own-undisturbed', []);
  expect(undisturbed).toMatchObject({ starts: 1, wrong: [] });
  expect(undisturbed.effects).toEqual(expect.arrayContaining([...effects]));

  const tally = new RowTally();
  let injected = 0;
  let starts = 0;
  await mapConcurrently(3, plans, async ({ run, injections, remaining = 0 }) => {
    const result = await runDay(run, injections);
    tally.compare(undisturbed.rows, result.rows);
    expect(result).toMatchObject({ wrong: [], unmet: [], state: undisturbed.state });
    injected += injections.length;
    starts += result.starts;
    const idle = await emr.clusters(new RegExp(`^emr-clean/${result.published}$`));
    expect(idle).toHaveLength(remaining);
    for (const { id } of idle) expect(await emr.live(id)).toEqual([]);
  });
  const idle = await emr.clusters(/^emr-clean\//);
  expect(idle).toMatchObject([{ name: 'emr-clean/own-last' }]);
  report(
    'emr-clean with a transient cluster',
    {
      'effects named': effects.length,
      'faults injected': injected,
      survived: injected,
      ...tally.counts,
    },
    `${starts} starts`,
    '1 cluster left to end after its idle time, as expected',
  );
}, 600_000);

/** emr-clean with a cluster of its own, disturbed at every call that starts, finds or ends one (I5). */
import { writeFile, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import type { Fault, Injection } from '../src/inject/fault.ts';
import { atMost } from '../src/kill-anywhere.ts';
import { runFaultSequence } from '../src/fault-sequence.ts';
import { RowTally } from '../src/observe/row-tally.ts';
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

const own = { EMR_SERVICE_ROLE: 'service', EMR_JOB_FLOW_ROLE: 'nodes', EMR_SUBNET_ID: 'subnet-1a' };

const effects = ['emr ListClusters', 'emr RunJobFlow', 'emr TerminateJobFlows'] as const;
const at = (effect: string, ...kinds: readonly Fault[]): Injection[] =>
  kinds.map((fault) => ({ effect, fault }));
const [list, start, end] = effects;

/** `left`: the last call of all never came to EMR, and the day is done: the cluster goes when it has idled. */
const plans: readonly { run?: string; injections: readonly Injection[]; left?: number }[] = [
  {
    run: 'own-again',
    injections: [...at(start, 'killed before', 'killed after'), ...at(end, 'killed after')],
  },
  { injections: [...at(start, 'killed before', 'killed after'), ...at(end, 'error reply')] },
  { run: 'own-refused', injections: [...at(start, 'error reply'), ...at(end, 'lost answer')] },
  {
    run: 'own-lost',
    injections: [...at(list, 'killed before', 'killed after'), ...at(start, 'lost answer')],
  },
  {
    run: 'own-twice',
    injections: [
      ...at(list, 'error reply'),
      ...at(`${list} #2`, 'lost answer'),
      ...at(`${list} #3`, 'answered twice'),
      ...at(start, 'answered twice'),
      ...at(end, 'answered twice'),
    ],
  },
  { run: 'own-last', injections: at(end, 'killed before'), left: 1 },
];

it('ends equal, and no cluster is left that costs money and nobody ends', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  await using bucket = await freshBucket(cloud);
  using emr = new EmrInspector(cloud.env);
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, 'cid,review_str\n1,a good one\n2,"not, so bad"\n');
  const range = ['--ds=2010-01-01', '--through=2010-01-07'];
  const staged = await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, ...range);
  expect(staged).toMatchObject({ code: 0 });

  let ds = parseDs('2010-01-01');
  const live = async (run: string | undefined, injections: readonly Injection[]) => {
    const day = ds;
    ds = nextDs(ds);
    const env = { ...bucket.env, EMR_CLUSTER_ID: '', EMR_LEASE: '3s', ...own };
    const named = run === undefined ? {} : { run };
    const lane = await runFaultSequence({ job: clean, env, days: [day], injections, ...named });
    const { state, rows, manifest } = await publishedDay(bucket, 'movie_review/stage', day);
    return { ...lane, state, rows, published: manifest?.run ?? '' };
  };
  const undisturbed = await live('own-undisturbed', []);
  expect(undisturbed).toMatchObject({ starts: 1, wrong: [] });
  expect(undisturbed.effects).toEqual(expect.arrayContaining([...effects]));

  const tally = new RowTally();
  let injected = 0;
  let starts = 0;
  await atMost(3, plans, async ({ run, injections, left = 0 }) => {
    const lived = await live(run, injections);
    tally.compare(undisturbed.rows, lived.rows);
    expect(lived).toMatchObject({ wrong: [], unmet: [], state: undisturbed.state });
    injected += injections.length;
    starts += lived.starts;
    const idle = await emr.clusters(new RegExp(`^emr-clean/${lived.published}$`));
    expect(idle).toHaveLength(left);
    for (const { id } of idle) expect(await emr.live(id)).toEqual([]);
  });
  const idle = await emr.clusters(/^emr-clean\//);
  expect(idle).toMatchObject([{ name: 'emr-clean/own-last' }]);
  report(
    'emr-clean with a cluster of its own',
    {
      'effects named': effects.length,
      'faults injected': injected,
      survived: injected,
      ...tally.counts,
    },
    `${starts} starts`,
    '1 cluster left to end by itself, as it must',
  );
}, 600_000);

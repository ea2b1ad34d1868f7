/** Each role's rights, enforced: a job works with them, and names each one that it lacks. */
import { type PolicyDocument, policyOf } from '@user-behaviour/rights/policy';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GatedPipeline, startGatedPipeline } from './gated-pipeline.ts';

const bundles = new Map<JobName, BundledJob>();
let pipeline: GatedPipeline;
beforeAll(async () => {
  for (const name of jobs) bundles.set(name, await bundleJob(name));
  pipeline = await startGatedPipeline();
  return () => pipeline[Symbol.asyncDispose]();
});

interface Right {
  readonly sid: string;
  readonly action: string;
}

const rightsIn = ({ Statement }: PolicyDocument): readonly Right[] =>
  Statement.flatMap(({ Sid: sid, Action }) => Action.map((action) => ({ sid, action })));

/** An empty list of actions would match every action. */
const without = (policy: PolicyDocument, { sid, action }: Right): PolicyDocument => ({
  ...policy,
  Statement: policy.Statement.map((one) =>
    one.Sid === sid ? { ...one, Action: one.Action.filter((name) => name !== action) } : one,
  ).filter(({ Action }) => Action.length > 0),
});

const run = (job: JobName, policy: PolicyDocument, ...argv: string[]): Promise<Ended> =>
  runWith({}, job, policy, ...argv);

async function runWith(
  changes: Readonly<Record<string, string>>,
  job: JobName,
  policy: PolicyDocument,
  ...argv: string[]
): Promise<Ended> {
  pipeline.jobs.enforce(policy);
  pipeline.jobs.denied.length = 0;
  const ended = await bundles.get(job)?.run({ ...pipeline.env, ...changes }, ...argv);
  if (ended === undefined) throw new Error(`${job} is not bundled`);
  return ended;
}

/** What the job says about its failures: in summaries, or in the log if it fails before the first day. */
const told = ({ summaries, log }: Ended): string =>
  JSON.stringify([...summaries.filter(({ exit }) => exit === 78), ...log]);

/** A read of an object that exists does not need them; for one that does not, they make 404 of 403. */
const onlyForMissing = ['ListRules', 'ListVendor'];

/** Without it a job does its work, and the log says what is missing. */
const forRecords = 'WriteRunRecords';

/** Days that no run has published yet. */
let last = parseDs('2010-12-01');
function freshDay(): Ds {
  last = nextDs(last);
  return last;
}

it.each(jobs)('%s does a day, a plan and its checks with the rights of its role', async (job) => {
  const policy = policyOf(job, pipeline.names);
  for (const argv of [['--ds=2010-12-01'], ['--ds=2010-12-01', '--dry-run'], ['--check']]) {
    const ended = await run(job, policy, ...argv);
    expect(ended.code, `${argv.join(' ')}: ${JSON.stringify(ended.summaries)}`).toBe(0);
    expect(pipeline.jobs.denied).toEqual([]);
  }
});

it('cluster and warehouse read and write with the rights of their roles', () => {
  const { instances, spectrum } = pipeline;
  expect([...instances.denied, ...spectrum.denied]).toEqual([]);
  expect([...instances.used]).toEqual(expect.arrayContaining(['s3:GetObject', 's3:PutObject']));
  expect([...spectrum.used]).toEqual(expect.arrayContaining(['s3:GetObject', 's3:ListBucket']));
});

it.each(jobs)('%s ends with 78 and names the right that it lacks', async (job) => {
  const policy = policyOf(job, pipeline.names);
  for (const right of rightsIn(policy).filter(({ sid }) => sid !== forRecords)) {
    const reduced = without(policy, right);
    const runs = [['--check']];
    // A day on the cluster takes long; of its rights, the checks use all.
    if (job !== 'emr-clean' || right.sid === 'ReadRules') {
      runs.push(job === 'redshift-load' ? ['--ds=2010-12-01', '--force'] : [`--ds=${freshDay()}`]);
    }
    const codes: (number | null)[] = [];
    for (const argv of runs) {
      const ended = await run(job, reduced, ...argv);
      codes.push(ended.code);
      const what = `${right.sid} ${right.action}, ${argv.join(' ')}: ${JSON.stringify(ended.summaries)}`;
      const expected = pipeline.jobs.denied.length > 0 ? [78] : [0];
      // Only the record of the load needs it if the reply to the submission already says how the statement ended.
      if (right.action === 'redshift-data:DescribeStatement' && argv[0] !== '--check') {
        expected.push(0);
      }
      expect.soft(expected, what).toContain(ended.code);
      if (ended.code === 78) expect.soft(told(ended), what).toContain(right.action);
    }
    if (!onlyForMissing.includes(right.sid)) {
      expect.soft(codes, `${right.sid} ${right.action}`).toContain(78);
    }
  }
});

it.each(jobs)('%s does a day without the right to keep a record, and names it', async (job) => {
  const policy = policyOf(job, pipeline.names);
  const right = { sid: forRecords, action: 's3:PutObject' };
  const ended = await run(job, without(policy, right), '--ds=2010-12-01');
  expect(ended.code, JSON.stringify(ended.summaries)).toBe(0);
  expect(pipeline.jobs.denied).toHaveLength(1);
  const warnings = ended.log.filter((line) => JSON.stringify(line).includes('s3:PutObject'));
  expect(warnings).toMatchObject([{ level: 40 }]);
});

describe('the rights on transient clusters', () => {
  const transient = {
    EMR_CLUSTER_ID: '',
    EMR_SERVICE_ROLE: 'service',
    EMR_JOB_FLOW_ROLE: 'nodes',
    EMR_SUBNET_ID: 'subnet-0a1b2c3d',
    EMR_LEASE: '3s',
    // Long enough to add a step: Spark is not under test here.
    EMR_STEP_TIMEOUT: '1s',
  };
  let policy: PolicyDocument;
  let day: string;
  beforeAll(async () => {
    policy = policyOf('emr-clean', pipeline.namesOfTransient);
    day = `--ds=${freshDay()}`;
    const staged = await run('stage-reviews', policyOf('stage-reviews', pipeline.names), day);
    expect(staged.code).toBe(0);
  });

  it('are enough to start, use and end one', async () => {
    pipeline.jobs.used.clear();
    const ended = await runWith(transient, 'emr-clean', policy, day);
    expect([ended.code, pipeline.jobs.denied]).toEqual([75, []]);
    const used = ['RunJobFlow', 'AddTags', 'PutAutoTerminationPolicy', 'TerminateJobFlows'];
    expect([...pipeline.jobs.used]).toEqual(
      expect.arrayContaining(['iam:PassRole', ...used.map((name) => `elasticmapreduce:${name}`)]),
    );
  });

  it.each([
    ['StartClusters', 'elasticmapreduce:RunJobFlow'],
    ['TagClusters', 'elasticmapreduce:AddTags'],
    ['EndIdleClusters', 'elasticmapreduce:PutAutoTerminationPolicy'],
    ['ListClusters', 'elasticmapreduce:ListClusters'],
    ['PassServiceRole', 'iam:PassRole'],
    ['PassInstanceRole', 'iam:PassRole'],
    ['UseOwnClusters', 'elasticmapreduce:DescribeCluster'],
    ['UseOwnClusters', 'elasticmapreduce:ListSteps'],
    ['UseOwnClusters', 'elasticmapreduce:AddJobFlowSteps'],
  ])('are named when one is missing: %s, %s', async (sid, action) => {
    const ended = await runWith(transient, 'emr-clean', without(policy, { sid, action }), day);
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(action);
  });

  it('do not cover clusters of another project', async () => {
    const tags = { EMR_TAGS: 'project=other,for-use-with-amazon-emr-managed-policies=true' };
    const ended = await runWith({ ...transient, ...tags }, 'emr-clean', policy, day);
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain('elasticmapreduce:RunJobFlow');
  });
});

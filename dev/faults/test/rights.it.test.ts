/** Each role's rights, enforced: a job works with them, and names each one that it lacks. */
import type { Names } from '@user-behaviour/rights/names';
import { type PolicyDocument, policyOf, type RoleName, roles } from '@user-behaviour/rights/policy';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { operator } from '@user-behaviour/testkit/operator-command';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatedPipeline, startGatedPipeline } from './gated-pipeline.ts';
import { notTaken } from './rights-not-taken.ts';

const bundles = new Map<JobName, BundledJob>();
let pipeline: GatedPipeline;
beforeAll(async () => {
  await Promise.all(jobs.map(async (name) => bundles.set(name, await bundleJob(name))));
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

/** What a test has taken away and seen named, as `role sid action`. */
const seen = new Set<string>();
const inModule = (role: RoleName, { sid, action }: Right) => `${role} ${sid} ${action}`;
function see(role: RoleName, right: Right): void {
  seen.add(inModule(role, right));
}

const bundleOf = (job: JobName): BundledJob => {
  const bundle = bundles.get(job);
  if (bundle === undefined) throw new Error(`${job} is not bundled`);
  return bundle;
};

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
  return bundleOf(job).run({ ...pipeline.env, ...changes }, ...argv);
}

/** What the job says about its failures: in summaries, or in the log if it fails before the first day. */
const told = ({ summaries, log }: Ended): string =>
  JSON.stringify([...summaries.filter(({ exit }) => exit === 78), ...log]);

/** A read of an object that exists does not need them; for one that does not, they make 404 of 403. */
const onlyForMissing = ['ListRules', 'ListVendor'];

/** Without it, a command warns that it goes on without what was captured; rights-not-taken.ts has it. */
const onlyWarnsWithout = 'ReadChanges';

/** Only the record of a run needs it: without, a job does its work, and the log names what is missing. */
const isForRecords = (job: JobName, { sid, action }: Right): boolean =>
  sid === 'WriteRunRecords' || (job === 'redshift-load' && action === 'kms:GenerateDataKey');

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
  const rights = rightsIn(policy).filter(
    (one) => !isForRecords(job, one) && one.sid !== onlyWarnsWithout,
  );
  for (const right of rights) {
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
    if (onlyForMissing.includes(right.sid)) continue;
    expect.soft(codes, `${right.sid} ${right.action}`).toContain(78);
    see(job, right);
  }
});

it.each(jobs)('%s does a day without a right to keep a record, and names it', async (job) => {
  const policy = policyOf(job, pipeline.names);
  for (const right of rightsIn(policy).filter((one) => isForRecords(job, one))) {
    const ended = await run(job, without(policy, right), '--ds=2010-12-01');
    expect(ended.code, JSON.stringify(ended.summaries)).toBe(0);
    expect(pipeline.jobs.denied).toHaveLength(1);
    expect(warningsAbout(right, ended)).toMatchObject([{ level: 40 }]);
    see(job, right);
  }
});

const warningsAbout = ({ action }: Right, { log }: Ended) =>
  log.filter((line) => JSON.stringify(line).includes(action));

it.each([
  ['extract-purchases', 'ListRules', 'RULES', 'rulesKey', 78],
  ['emr-clean', 'ListRules', 'RULES', 'rulesKey', 78],
  ['stage-reviews', 'ListVendor', 'REVIEWS_SOURCE', 'vendorKey', 75],
] as const)(
  '%s needs %s to see that its file does not exist',
  async (job, sid, variable, key, missing) => {
    const policy = policyOf(job, { ...pipeline.names, [key]: 'missing' });
    const right = { sid, action: 's3:ListBucket' };
    const address = pipeline.env[variable]?.replace(/[^/]+$/, 'missing');
    const changes = { [variable]: address ?? '' };
    const allowed = await runWith(changes, job, policy, '--check');
    expect([allowed.code, pipeline.jobs.denied]).toEqual([missing, []]);
    expect(told(allowed)).not.toContain(right.action);
    const ended = await runWith(changes, job, without(policy, right), '--check');
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(right.action);
    see(job, right);
  },
);

it('health sees the days with the rights of its role, and names each that it lacks', async () => {
  const policy = policyOf('health', pipeline.names);
  const day = '2010-12-01';
  const ask = async (enforced: PolicyDocument) => {
    pipeline.jobs.enforce(enforced);
    pipeline.jobs.denied.length = 0;
    const env = { ...pipeline.env, HISTORY_START: day, HISTORY_END: day };
    return operator(env, 'health', '--due=06:00', '--days=1');
  };
  const rights = rightsIn(policy).filter(
    ({ sid, action }) =>
      ![...onlyForMissing, onlyWarnsWithout].includes(sid) &&
      action !== 'redshift-data:DescribeStatement',
  );
  for (const right of rights) {
    const { code, stderr } = await ask(without(policy, right));
    const what = `${right.sid} ${right.action}: ${stderr}`;
    expect.soft(code, what).toBe(right.sid === 'ReadRunRecords' ? 0 : 78);
    expect.soft(stderr, what).toContain(right.action);
    see('health', right);
  }
  // Last, because it keeps the manifests that it has read.
  const allowed = await ask(policy);
  expect(pipeline.jobs.denied, allowed.stderr).toEqual([]);
  // The runs of this suite that lacked a right have failed, which is an error to it.
  expect([0, 65], allowed.stderr).toContain(allowed.code);
});

describe('redshift-load with a provisioned warehouse', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse-AbCdEf';
  it.each([
    ['as its role', ['RunInCluster', 'LogInToCluster'], {}, {}],
    [
      'by a secret',
      ['ReadWarehouseSecret'],
      { warehouseSecretArn: secret },
      { REDSHIFT_SECRET_ARN: secret },
    ],
  ] as const)('names each right to log in %s and run statements', async (_, sids, added, given) => {
    const policy = policyOf('redshift-load', { ...pipeline.namesOfProvisioned, ...added });
    const changes = {
      REDSHIFT_WORKGROUP: '',
      REDSHIFT_CLUSTER_ID: pipeline.env['REDSHIFT_WORKGROUP'] ?? '',
      ...given,
    };
    const allowed = await runWith(changes, 'redshift-load', policy, '--check');
    expect([allowed.code, pipeline.jobs.denied]).toEqual([0, []]);
    const rights = rightsIn(policy).filter(({ sid }) => sids.some((one) => one === sid));
    for (const right of rights) {
      const reduced = without(policy, right);
      const ended = await runWith(changes, 'redshift-load', reduced, '--check');
      expect.soft(ended.code, right.action).toBe(78);
      expect.soft(told(ended)).toContain(right.action);
      see('redshift-load', right);
    }
  });
});

describe('the rights on transient clusters', () => {
  const names = (): Names => pipeline.namesOfTransient;
  /** Long enough to add a step: Spark is not under test here. */
  const oneStep = { EMR_LEASE: '3s', EMR_STEP_TIMEOUT: '1s' };
  const cleanWith = (policy: PolicyDocument, ...argv: string[]) =>
    runWith({ ...pipeline.envOfTransient, ...oneStep }, 'emr-clean', policy, ...argv);
  const usingClusters = (name: string): Right => ({
    sid: 'UseOwnClusters',
    action: `elasticmapreduce:${name}`,
  });
  let policy: PolicyDocument;
  let day: string;
  beforeAll(async () => {
    policy = policyOf('emr-clean', names());
    day = `--ds=${freshDay()}`;
    const staged = await run('stage-reviews', policyOf('stage-reviews', pipeline.names), day);
    expect(staged.code).toBe(0);
  });

  it('are enough to look at all that a cluster needs', async () => {
    pipeline.jobs.used.clear();
    const ended = await cleanWith(policy, '--check');
    expect([ended.code, pipeline.jobs.denied]).toEqual([0, []]);
    const looks = rightsIn(policy).filter(({ sid }) => sid.startsWith('Check'));
    expect([...pipeline.jobs.used]).toEqual(
      expect.arrayContaining(looks.map(({ action }) => action)),
    );
    expect(JSON.stringify(ended.summaries)).not.toContain('not looked at');
  });

  it('are enough to start, use and end one', async () => {
    pipeline.jobs.used.clear();
    const ended = await cleanWith(policy, day);
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
    ['UseOwnClusters', 'elasticmapreduce:DescribeStep'],
  ])('are named when one is missing: %s, %s', async (sid, action) => {
    const ended = await cleanWith(without(policy, { sid, action }), day);
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(action);
    see('emr-clean', { sid, action });
  });

  it('are named by a warning when only a look is missing', async () => {
    for (const right of rightsIn(policy).filter(({ sid }) => sid.startsWith('Check'))) {
      const { code, summaries } = await cleanWith(without(policy, right), '--check');
      expect.soft(code, right.action).toBe(0);
      expect
        .soft(summaries.filter((line) => JSON.stringify(line).includes(right.action)))
        .toMatchObject([{ result: 'warn' }]);
      see('emr-clean', right);
    }
  });

  it('are named by a warning when the steps of a failed run cannot be cancelled', async () => {
    const right = usingClusters('CancelSteps');
    const ended = await cleanWith(without(policy, right), day);
    expect(ended.code).toBe(75);
    expect(warningsAbout(right, ended)).toMatchObject([{ level: 40 }]);
    see('emr-clean', right);
  });

  it('are named when the cluster of a killed run cannot be terminated', async () => {
    pipeline.jobs.enforce(policy);
    const env = { ...pipeline.env, ...pipeline.envOfTransient, EMR_LEASE: '3s' };
    const killed = bundleOf('emr-clean').start(env, day);
    await vi.waitFor(() => {
      expect(killed.stderrText()).toContain('step added');
    }, 120_000);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const right = usingClusters('TerminateJobFlows');
    const ended = await cleanWith(without(policy, right), day);
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(right.action);
    see('emr-clean', right);
  });

  describe('do not cover clusters of another project:', () => {
    const tags = { EMR_TAGS: 'project=other,for-use-with-amazon-emr-managed-policies=true' };

    it('none is started', async () => {
      const changes = { ...pipeline.envOfTransient, ...oneStep, ...tags };
      const ended = await runWith(changes, 'emr-clean', policy, day);
      expect(ended.code).toBe(78);
      expect(told(ended)).toContain('elasticmapreduce:RunJobFlow');
    });

    it('none is used or terminated', async () => {
      const theirs = policyOf('emr-clean', { ...names(), project: 'other' });
      const changes = { ...pipeline.envOfTransient, ...oneStep, ...tags };
      // Their cluster outlives the run, and has the name of that run's cluster.
      const terminating = usingClusters('TerminateJobFlows');
      const left = without(theirs, terminating);
      const argv = [day, '--run-id=theirs'];
      expect((await runWith(changes, 'emr-clean', left, ...argv)).code).toBe(75);
      const ours = policy.Statement.filter(({ Sid }) => Sid === 'UseOwnClusters');
      for (const right of rightsIn({ ...left, Statement: ours })) {
        if (right.action === terminating.action) continue;
        const others = without(left, right);
        const both = { ...others, Statement: [...others.Statement, ...ours] };
        const ended = await cleanWith(both, ...argv);
        const output = JSON.stringify([ended.summaries, ended.log]);
        for (const { action } of [right, terminating]) {
          expect.soft(pipeline.jobs.denied.map((need) => need.action)).toContain(action);
          expect.soft(output).toContain(action);
        }
      }
    });
  });
});

describe('a right that a service lacks is named by the job that uses the service:', () => {
  const standing = (role: RoleName) => policyOf(role, pipeline.names);
  afterEach(() => {
    pipeline.instances.enforce(standing('emr-instances'));
    pipeline.spectrum.enforce(standing('spectrum'));
  });

  it.each([
    ['ListBucket', 's3:ListBucket'],
    ['ReadInput', 's3:GetObject'],
    ['WriteOutput', 's3:GetObject'],
    ['WriteOutput', 's3:PutObject'],
    ['EncryptObjects', 'kms:GenerateDataKey'],
    ['EncryptObjects', 'kms:Decrypt'],
  ])("emr-clean, %s %s of the cluster's instances", async (sid, action) => {
    const right = { sid, action };
    pipeline.instances.enforce(without(standing('emr-instances'), right));
    // The checks copy within the folder of the output.
    const argv = sid === 'ReadInput' ? `--ds=${last}` : '--check';
    const ended = await run('emr-clean', standing('emr-clean'), argv);
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(action);
    see('emr-instances', right);
  });

  it.each([
    ['ListBucket', 's3:ListBucket'],
    ['ReadDays', 's3:GetObject'],
    ['DecryptObjects', 'kms:Decrypt'],
  ])('redshift-load, %s %s of Spectrum', async (sid, action) => {
    const right = { sid, action };
    // The warehouse has not read the file of this run yet.
    const quantity = { MIN_QUANTITY: String(seen.size % 2) };
    const extract = standing('extract-purchases');
    await runWith(quantity, 'extract-purchases', extract, '--ds=2010-12-01');
    pipeline.spectrum.enforce(without(standing('spectrum'), right));
    const ended = await run('redshift-load', standing('redshift-load'), '--ds=2010-12-01');
    expect(ended.code).toBe(78);
    expect(told(ended)).toContain(action);
    see('spectrum', right);
  });
});

it('no right of the module is left out without a reason', () => {
  const all = Object.entries(roles).flatMap(([role, { grants }]) =>
    grants.flatMap(({ sid, actions }) =>
      actions.map((action) => inModule(role as RoleName, { sid, action })),
    ),
  );
  const excused = notTaken.flatMap(({ role, rights }) =>
    Object.entries(rights).flatMap(([sid, actions]) =>
      actions.map((action) => inModule(role, { sid, action })),
    ),
  );
  expect([...seen, ...excused].sort()).toEqual(all.sort());
});

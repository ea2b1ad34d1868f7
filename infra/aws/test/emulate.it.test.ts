/**
 * The whole way on an emulator: the commands deploy all stacks with the CDK CLI, run days on the deployed state machine,
 * and remove everything. The templates are those for AWS but for the types that the emulator does not know. The tests
 * build on each other.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import {
  CloudFormationClient,
  type StackResourceSummary,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { DescribeClusterCommand, EMRClient, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { jobs } from '@user-behaviour/shared/pipeline';
import { type AwsEmulator, startAwsEmulator } from '@user-behaviour/testkit/servers/aws-emulator';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cdk } from '../src/commands/cdk.ts';
import { day, type DayInput } from '../src/commands/day.ts';
import { down } from '../src/commands/down.ts';
import { push } from '../src/commands/images.ts';
import { logs } from '../src/commands/logs.ts';
import type { Shell } from '../src/commands/shell.ts';
import { deployment, ownStacks, resourcesOf, storageStack } from '../src/commands/stacks.ts';
import { up } from '../src/commands/up.ts';
import { replaceUnknownTypes } from './emulated-templates.ts';
import { FakePrograms } from './fake-programs.ts';
import { type Mock, withMocks } from './mocked-execution.ts';

let emulator: AwsEmulator;
/** For EMR: the SDK cannot read the times in the emulator's answers. */
let cloud: TestCloud;
let folder: string;
let programs: FakePrograms;
let region: string;

beforeAll(async () => {
  emulator = await startAwsEmulator();
  region = emulator.region;
  folder = await mkdtemp(join(tmpdir(), 'aws-'));
  programs = new FakePrograms(join(folder, 'bin'));
  cloud = await startTestCloud(['s3', 'emr']);
  const { AWS_ENDPOINT_URL_EMR, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.env;
  // The SDK reads the process's own variables. The emulator takes any key.
  Object.assign(env, emulator.env, {
    AWS_ENDPOINT_URL_EMR,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
  });
});

afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A shell, and what was said and printed in it. */
function newShell() {
  const reported: string[] = [];
  const printed: string[] = [];
  const shell: Shell = {
    env: { ...env, PATH: programs.path(env['PATH']) },
    report: (line) => reported.push(line),
    print: (line) => printed.push(line),
    signal: new AbortController().signal,
    pause: 50,
  };
  return { shell, reported, printed };
}

async function deploy() {
  const { shell, reported } = newShell();
  const values = {
    account: emulator.account,
    email: 'data-team@example.com',
    removable: true,
    // Its Lambda would do it, whose code the emulator does not run.
    emptyBuckets: false,
  };
  const options = { yes: true, check: false, folder: join(folder, 'out') };
  programs.forget();
  try {
    await up(values, { ...options, afterSynth: replaceUnknownTypes }, shell);
  } catch (error) {
    throw new Error(reported.slice(-30).join('\n'), { cause: error });
  }
  return reported;
}

/** All resources of all stacks. */
async function resources(): Promise<readonly StackResourceSummary[]> {
  const client = new CloudFormationClient({ region });
  const all: StackResourceSummary[] = [];
  for (const { StackName } of await ownStacks(region)) {
    for await (const page of paginateListStackResources({ client }, { StackName })) {
      all.push(...(page.StackResourceSummaries ?? []));
    }
  }
  return all;
}

async function putImages(imageTag: string): Promise<void> {
  const client = new ECRClient({ region });
  for (const job of jobs) {
    const imageManifest = JSON.stringify({ schemaVersion: 2, job, imageTag });
    const repositoryName = `user-behaviour/${job}`;
    await client.send(new PutImageCommand({ repositoryName, imageManifest, imageTag }));
  }
}

describe('up', () => {
  it('makes all stacks and pushes the images', async () => {
    await deploy();
    const stacks = await ownStacks(region);
    expect(stacks.map(({ StackName }) => StackName).toSorted()).toEqual(
      ['cluster', 'network', 'pipeline', 'source', 'storage', 'warehouse'].map(
        (name) => `user-behaviour-${name}`,
      ),
    );
    expect(new Set(stacks.map(({ StackStatus }) => StackStatus))).toEqual(
      new Set(['CREATE_COMPLETE']),
    );
    const registry = `${emulator.account}.dkr.ecr.${region}.amazonaws.com`;
    expect(programs.calls).toEqual([
      `npx nx run-many -t image --projects=${jobs.join(',')}`,
      `docker login --username=AWS --password-stdin ${registry}`,
      ...jobs.map((job) => `docker push --quiet ${registry}/user-behaviour/${job}:aaaa`),
    ]);
  }, 600_000);

  it('changes nothing when it runs again', async () => {
    await putImages('aaaa');
    const before = await resources();
    const reported = await deploy();
    expect(programs.calls).toEqual([]);
    expect(await resources()).toEqual(before);
    expect(reported.filter((line) => line.includes('(no changes)'))).toHaveLength(6);
    const { shell } = newShell();
    const out = join(folder, 'out');
    await cdk(['diff', '--all', '--fail', `--app=${out}`], out, shell);
  }, 600_000);

  it('replaces the task definitions alone after another commit', async () => {
    const before = await resources();
    programs.checkOut('bbbb');
    await deploy();
    expect(programs.calls.filter((call) => call.startsWith('docker push'))).toHaveLength(4);
    const known = new Set(before.map(({ PhysicalResourceId }) => PhysicalResourceId));
    const replaced = (await resources()).filter((one) => !known.has(one.PhysicalResourceId));
    expect(replaced.map(({ ResourceType }) => ResourceType)).toEqual(
      jobs.map(() => 'AWS::ECS::TaskDefinition'),
    );
  }, 600_000);

  it('refuses files that are not committed', async () => {
    programs.checkOut('bbbb', ' M packages/shared/src/ds.ts');
    await expect(deploy()).rejects.toMatchObject({ cause: { exit: 78 } });
  });
});

/** What the command says of a day whose tasks end so. */
async function told(mocks: Readonly<Record<string, readonly Mock[]>>, input: DayInput) {
  const { shell, printed } = newShell();
  const { stateMachineArn } = await deployment(region);
  const mocked = await withMocks({ emulator, stateMachineArn }, mocks);
  try {
    await day(input, { stateMachineArn: mocked }, region, shell);
    return { exit: 0, printed };
  } catch (error) {
    const { exit, message } = error as { exit: number; message: string };
    return { exit, message, printed };
  }
}

describe('day', () => {
  const ds = '2010-12-01';

  it('ends with 0 where all is done, if need be after some tries', async () => {
    expect(await told({ 'emr-clean': [75, 'none', 0] }, { ds })).toEqual({
      exit: 0,
      printed: [
        '2010-12-01  extract-purchases  done',
        '2010-12-01  stage-reviews  done',
        '2010-12-01  emr-clean  done, 3 tries',
        '2010-12-01  redshift-load  done',
      ],
    });
  });

  it('ends with the code of the job that failed, and tells of the others', async () => {
    expect(await told({ 'stage-reviews': [65] }, { ds })).toEqual({
      exit: 65,
      message: 'stage-reviews of 2010-12-01 ended with exit 65: Essential container in task exited',
      printed: [
        '2010-12-01  extract-purchases  done',
        '2010-12-01  stage-reviews  exit 65: Essential container in task exited',
      ],
    });
  });

  it('ends with 75 after the last try, also of a job that never starts', async () => {
    expect(await told({ 'redshift-load': [75] }, { ds })).toMatchObject({ exit: 75 });
    expect(await told({ 'redshift-load': ['none'] }, { ds })).toMatchObject({ exit: 75 });
    expect(await told({ 'redshift-load': [137] }, { ds })).toMatchObject({ exit: 75 });
  });

  it('does each day of a range', async () => {
    const { exit, printed } = await told({}, { from: '2010-12-01', to: '2010-12-05' });
    expect(exit).toBe(0);
    expect(printed).toHaveLength(20);
    expect(printed.filter((line) => line.endsWith('redshift-load  done'))).toEqual(
      [1, 2, 3, 4, 5].map((number) => `2010-12-0${String(number)}  redshift-load  done`),
    );
  });

  it('takes what the schedule sends', async () => {
    const client = new SchedulerClient({ region });
    const { Schedules: [found] = [] } = await client.send(new ListSchedulesCommand());
    const { Target } = await client.send(new GetScheduleCommand({ Name: found?.Name }));
    const sent = Target?.Input?.replace('<aws.scheduler.scheduled-time>', '2010-12-02T00:15:00Z');
    const { printed } = await told({}, JSON.parse(sent ?? '{}') as DayInput);
    expect(printed).toContain('2010-12-01  redshift-load  done');
  });
});

async function startCluster(client: EMRClient, project: string): Promise<string | undefined> {
  const { JobFlowId } = await client.send(
    new RunJobFlowCommand({
      Name: project,
      ReleaseLabel: 'emr-7.14.0',
      Applications: [{ Name: 'Spark' }],
      ServiceRole: 'emr-service',
      JobFlowRole: 'emr-instances',
      Instances: {
        MasterInstanceType: 'm5.xlarge',
        SlaveInstanceType: 'm5.xlarge',
        InstanceCount: 2,
        Ec2SubnetId: 'subnet-0a1b2c3d',
        KeepJobFlowAliveWhenNoSteps: true,
      },
      Tags: Object.entries({ project, 'for-use-with-amazon-emr-managed-policies': 'true' }).map(
        ([Key, Value]) => ({ Key, Value }),
      ),
    }),
  );
  return JobFlowId;
}

const stateOf = async (client: EMRClient, ClusterId: string | undefined) =>
  (await client.send(new DescribeClusterCommand({ ClusterId }))).Cluster?.Status?.State;

it('logs prints what a job logged since then, and nothing older', async () => {
  const client = new CloudWatchLogsClient({ region });
  const stream = { logGroupName: '/user-behaviour/emr-clean', logStreamName: 'task/emr-clean/1' };
  const now = Date.now();
  await client.send(new CreateLogStreamCommand(stream));
  await client.send(
    new PutLogEventsCommand({
      ...stream,
      logEvents: [
        { timestamp: now - 7_200_000, message: '{"msg":"two hours ago"}' },
        { timestamp: now, message: '{"msg":"now"}' },
      ],
    }),
  );
  const { shell, printed } = newShell();
  await logs({ jobs: ['emr-clean'], since: now - 3_600_000 }, region, shell);
  expect(printed).toEqual(['emr-clean  {"msg":"now"}']);
});

it('push refuses a tag that is not the commit, and was never pushed', async () => {
  programs.checkOut('bbbb');
  const { shell } = newShell();
  const { account } = emulator;
  await expect(
    push({ account, region, tag: 'older', storage: undefined, capture: undefined }, shell),
  ).rejects.toMatchObject({ message: expect.stringContaining('has the tag older') as string });
});

describe('down', () => {
  it('ends clusters of the project, empties the buckets and removes the stacks', async () => {
    const emr = new EMRClient({ region });
    const [own, other] = await Promise.all(
      ['user-behaviour', 'shop'].map((project) => startCluster(emr, project)),
    );
    const s3 = createS3Client({ AWS_REGION: region, AWS_ENDPOINT_URL_S3: emulator.endpoint });
    for (const Bucket of await resourcesOf(storageStack, 'AWS::S3::Bucket', region)) {
      for (const Body of ['one version', 'another']) {
        await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body }));
      }
    }
    const { shell, reported, printed } = newShell();
    const values = { account: emulator.account };
    await down(values, { yes: true, tellCost: false }, shell);
    expect(reported).toContain(`ending clusters ${own ?? ''}`);
    expect(await stateOf(emr, own)).toBe('TERMINATED');
    expect(['STARTING', 'WAITING']).toContain(await stateOf(emr, other));
    expect(reported.filter((line) => line.startsWith('emptying'))).toHaveLength(2);
    expect(await ownStacks(region)).toEqual([]);
    expect(printed).toEqual([
      'nothing with the tag project is left; the bootstrap of the CDK stays for other apps',
    ]);
  }, 300_000);

  it('finds nothing when it runs again', async () => {
    const { shell, reported, printed } = newShell();
    await down({}, { yes: false, tellCost: false }, shell);
    expect(reported).toEqual([]);
    expect(printed[0]).toContain('no stack of the pipeline is in account');
  });

  it('leaves nothing for the commands that need the pipeline', async () => {
    await expect(deployment(region)).rejects.toMatchObject({ exit: 78 });
  });
});

it('the CDK removes what it has deployed, too', async () => {
  await deploy();
  expect(await ownStacks(region)).not.toEqual([]);
  const { shell } = newShell();
  const out = join(folder, 'out');
  await cdk(['destroy', '--all', '--force', `--app=${out}`], out, shell);
  expect(await ownStacks(region)).toEqual([]);
}, 300_000);

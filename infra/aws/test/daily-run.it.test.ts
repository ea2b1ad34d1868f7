/** The definition of the daily run, executed by Step Functions of ministack. ECS is mocked; the logs are real. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { failureKinds } from '@user-behaviour/shared/failure';
import { jobs } from '@user-behaviour/shared/pipeline';
import { type AwsEmulator, startAwsEmulator } from '@user-behaviour/testkit/servers/aws-emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dailyRun } from '../src/state-machine/daily-run.ts';
import { exampleRun } from './example-run.ts';
import { type Mock, type Result, runExecution } from './mocked-execution.ts';

let emulator: AwsEmulator;
let sfn: SFNClient;
let stateMachineArn: string;

beforeAll(async () => {
  emulator = await startAwsEmulator();
  const client = {
    endpoint: emulator.endpoint,
    region: emulator.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  sfn = new SFNClient(client);
  const made = await sfn.send(
    new CreateStateMachineCommand({
      name: 'day',
      definition: JSON.stringify(dailyRun(exampleRun)),
      roleArn: `arn:aws:iam::${emulator.account}:role/day`,
    }),
  );
  stateMachineArn = made.stateMachineArn ?? '';
  const logs = new CloudWatchLogsClient(client);
  for (const job of jobs) {
    const logGroupName = exampleRun.tasks[job].logGroupName;
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
  }
  const logGroupName = exampleRun.tasks['stage-reviews'].logGroupName;
  const logStreamName = 'task/stage-reviews/said-why';
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const lines = [
    { level: 30, msg: 'reading' },
    { level: 50, kind: 'data', action: 'correct it', msg: 'the file has no header' },
    {
      job: 'stage-reviews',
      ds: '2010-12-01',
      status: 'failed',
      exit: 65,
      kind: 'data',
      message: 'the file has no header',
      action: 'ask the vendor',
    },
  ];
  await logs.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: lines.map((line, index) => ({
        timestamp: Date.now() + index,
        message: JSON.stringify(line),
      })),
    }),
  );
});

afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
});

const run = (mocks: Readonly<Record<string, readonly Mock[]>>, input: object) =>
  runExecution({ emulator, sfn, stateMachineArn }, mocks, input);

/** Of one day: which job ended how, after how many tries. */
const endings = ({ days }: Result, day = 0) =>
  Object.fromEntries(
    (days[day]?.outcomes ?? []).map(({ job, exit, tries }) => [
      job,
      `${exit === undefined ? 'none' : String(exit)} × ${String(tries)}`,
    ]),
  );

const allDone = {
  'extract-purchases': '0 × 1',
  'stage-reviews': '0 × 1',
  'emr-clean': '0 × 1',
  'redshift-load': '0 × 1',
};

describe('a day', () => {
  it('does all jobs under one run', async () => {
    const result = await run({}, { ds: '2010-12-05' });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.days).toMatchObject([
      { ds: '2010-12-05', through: '2010-12-05', run: result.name },
    ]);
    expect(endings(result)).toEqual(allDone);
  });

  it('is the one before the scheduled time', async () => {
    const result = await run({}, { scheduledTime: '2010-12-02T00:15:00Z', wait: '6h' });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.days.map(({ ds }) => ds)).toEqual(['2010-12-01']);
  });

  it.each<[string, Mock]>([
    ['is not ready or met trouble that may pass', 75],
    ['was stopped', 143],
    ['was killed', 137],
    ['never started', 'none'],
    ['could not be started', { Error: 'ECS.ServerException', Cause: 'try again' }],
  ])('is tried again where a job %s', async (_, mock) => {
    const result = await run({ 'emr-clean': [mock, mock, 0] }, { ds: '2010-12-01' });
    expect(result.status).toBe('SUCCEEDED');
    expect(endings(result)).toEqual({ ...allDone, 'emr-clean': '0 × 3' });
  });

  it.each(
    Object.values(failureKinds)
      .filter(({ retry }) => retry === 'never')
      .map(({ exit }) => exit)
      .filter((exit) => exit !== 65 && exit !== 74),
  )('fails at once where a job ends with %i', async (exit) => {
    const result = await run({ 'redshift-load': [exit] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({ status: 'FAILED', error: `exit ${String(exit)}` });
    expect(endings(result)).toEqual({ ...allDone, 'redshift-load': `${String(exit)} × 1` });
  });

  it('fails at once with what the job said last, and the other branch is done', async () => {
    const result = await run({ 'stage-reviews': [65] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'exit 65',
      cause:
        'stage-reviews of 2010-12-01 ended with exit 65: the file has no header (ask the vendor)',
    });
    expect(endings(result)).toEqual({ 'extract-purchases': '0 × 1', 'stage-reviews': '65 × 1' });
  });

  it('cleans the reviews although the purchases fail', async () => {
    const result = await run({ 'extract-purchases': [70] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({ status: 'FAILED', error: 'exit 70' });
    expect(endings(result)).toEqual({
      'extract-purchases': '70 × 1',
      'stage-reviews': '0 × 1',
      'emr-clean': '0 × 1',
    });
  });

  it('tells of both branches, the most severe code first', async () => {
    const result = await run(
      { 'extract-purchases': [65], 'emr-clean': [78] },
      { ds: '2010-12-01' },
    );
    expect(result).toMatchObject({ status: 'FAILED', error: 'exit 78' });
    expect(result.cause?.split('\n')).toEqual([
      'extract-purchases of 2010-12-01 ended with exit 65: Essential container in task exited',
      'emr-clean of 2010-12-01 ended with exit 78: Essential container in task exited',
    ]);
  });

  it('fails after the last try', async () => {
    const result = await run({ 'redshift-load': [75] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'exit 75',
      cause:
        'redshift-load of 2010-12-01 ended with exit 75 after 7 tries: Essential container in task exited',
    });
  });

  it('fails without an exit code where a job never starts', async () => {
    const result = await run({ 'redshift-load': ['none'] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'no exit code',
      cause:
        'redshift-load of 2010-12-01 ended without an exit code after 7 tries: CannotPullContainerError',
    });
  });

  it('goes on where only a report was lost, and says so', async () => {
    const result = await run({ 'stage-reviews': [74] }, { ds: '2010-12-01' });
    expect(result).toMatchObject({ status: 'FAILED', error: 'exit 74' });
    expect(endings(result)).toEqual({ ...allDone, 'stage-reviews': '74 × 1' });
  });

  it('fails at once where a job takes too long or may not be started', async () => {
    const late = { Error: 'States.Timeout', Cause: '' };
    const refused = { Error: 'ECS.AccessDeniedException', Cause: 'no identity-based policy' };
    const result = await run(
      { 'extract-purchases': [late], 'stage-reviews': [refused] },
      { ds: '2010-12-01' },
    );
    expect(result.error).toBe('exit 78');
    expect(result.cause?.split('\n')).toEqual([
      'extract-purchases of 2010-12-01 ended without an exit code: it took too long, and is not waited for; it may still run',
      'stage-reviews of 2010-12-01 ended with exit 78: ECS.AccessDeniedException: no identity-based policy',
    ]);
  });
});

describe('a range', () => {
  it('does each day under a run of its own', async () => {
    const result = await run({}, { from: '2010-12-29', to: '2011-01-02' });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.days.map(({ ds, through, run }) => [ds, through, run])).toEqual(
      ['2010-12-29', '2010-12-30', '2010-12-31', '2011-01-01', '2011-01-02'].map((ds, index) => [
        ds,
        ds,
        `${result.name}-${String(index)}`,
      ]),
    );
    for (const day of result.days.keys()) expect(endings(result, day)).toEqual(allDone);
  });

  it('does several days together, for one cluster', async () => {
    const result = await run({}, { from: '2010-12-01', to: '2010-12-05', together: 2 });
    expect(result.days.map(({ ds, through }) => `${ds} ${through}`)).toEqual([
      '2010-12-01 2010-12-02',
      '2010-12-03 2010-12-04',
      '2010-12-05 2010-12-05',
    ]);
  });

  it('does the other days although one fails', async () => {
    const result = await run(
      { 'stage-reviews': [65, 0] },
      { from: '2010-12-01', to: '2010-12-05' },
    );
    expect(result).toMatchObject({ status: 'FAILED', error: 'exit 65' });
    const done = result.days.filter(({ outcomes }) => outcomes.length === 4);
    expect(done).toHaveLength(4);
    expect(result.cause?.split('\n')).toHaveLength(1);
  });
});

describe('an input that names no days', () => {
  it.each([
    {},
    { ds: 'yesterday' },
    { ds: '2010-12-01', to: '2010-12-02' },
    { from: '2010-12-01' },
    { from: '2010-12-05', to: '2010-12-01' },
    { from: '2010-01-01', to: '2010-12-31' },
  ])('is refused: %j', async (input) => {
    const result = await run({}, input);
    expect(result).toMatchObject({ status: 'FAILED', error: 'exit 64' });
    expect(result.cause).toContain('expected');
    expect(result.days).toEqual([]);
  });
});

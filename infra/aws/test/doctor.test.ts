/** `aws doctor` against tasks; the server answers as CloudFormation, ECS and CloudWatch Logs. */
import { text } from 'node:stream/consumers';
import { jobs } from '@user-behaviour/shared/pipeline';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../src/commands/doctor.ts';
import type { Shell } from '../src/commands/shell.ts';
import { answerAsAws } from './fake-service.ts';

/** How the task of one job ends. */
interface FakeTask {
  /** Undefined if the container never started. */
  readonly exit?: number;
  /** Undefined if it wrote nothing. */
  readonly lines?: readonly string[];
  readonly stoppedReason?: string;
}

interface Run {
  readonly taskDefinition: string;
  readonly cluster: string;
  readonly overrides: { readonly containerOverrides: readonly { readonly command: string[] }[] };
  readonly networkConfiguration: { readonly awsvpcConfiguration: object };
}

let tasks: Record<string, FakeTask> = {};
/** Why ECS places no task. */
let refusal: string | undefined;
/** Looks at a task before it has stopped. */
let looks: Record<string, number> = {};
let runs: Run[] = [];
let printed: string[] = [];
let stopping = new AbortController();

const outputsXml = Object.entries({
  StateMachine: 'arn:machine',
  Cluster: 'the-cluster',
  Subnets: 'subnet-1,subnet-2',
  SecurityGroup: 'sg-1',
})
  .map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  )
  .join('');
const stackXml =
  '<Stacks><member><StackName>user-behaviour-pipeline</StackName><StackStatus>CREATE_COMPLETE</StackStatus>' +
  `<CreationTime>2026-11-29T00:00:00Z</CreationTime><Outputs>${outputsXml}</Outputs></member></Stacks>`;

const jobOf = (name: string) => name.replace(/^.*user-behaviour-/, '');

function answerJson(target: string, input: Record<string, unknown>): [number, object] {
  switch (target.split('.')[1] ?? '') {
    case 'RunTask': {
      const run = input as unknown as Run;
      runs.push(run);
      if (refusal !== undefined) return [200, { tasks: [], failures: [{ reason: refusal }] }];
      return [200, { tasks: [{ taskArn: `arn:task/the-cluster/${run.taskDefinition}` }] }];
    }
    case 'DescribeTasks': {
      const [taskArn = ''] = input['tasks'] as string[];
      const job = jobOf(taskArn);
      looks[job] = (looks[job] ?? 0) + 1;
      if (looks[job] < 3) return [200, { tasks: [{ taskArn, lastStatus: 'RUNNING' }] }];
      const { exit, stoppedReason } = tasks[job] ?? {};
      const containers = [
        { name: 'download', exitCode: 0 },
        { name: job, exitCode: exit },
      ];
      return [200, { tasks: [{ taskArn, lastStatus: 'STOPPED', stoppedReason, containers }] }];
    }
    case 'FilterLogEvents': {
      const [stream = ''] = input['logStreamNames'] as string[];
      const { lines } = tasks[jobOf(stream)] ?? {};
      const isRight =
        input['logGroupName'] === `/user-behaviour/${jobOf(stream)}` &&
        stream === `task/${jobOf(stream)}/user-behaviour-${jobOf(stream)}`;
      if (lines === undefined || !isRight) return [400, { __type: 'ResourceNotFoundException' }];
      // A page a line.
      const index = Number(input['nextToken'] ?? 0);
      const nextToken = index + 1 < lines.length ? String(index + 1) : undefined;
      return [200, { events: [{ message: `${lines[index] ?? ''}\n` }], nextToken }];
    }
    default:
      return [400, { __type: 'UnknownOperationException' }];
  }
}

const server = await answerAsAws((request, response) => {
  void text(request).then((body) => {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [status, reply] = answerJson(target, JSON.parse(body) as Record<string, unknown>);
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(reply));
      return;
    }
    const action = new URLSearchParams(body).get('Action') ?? '';
    const result = `<${action}Response><${action}Result>${stackXml}</${action}Result></${action}Response>`;
    response.writeHead(200, { 'content-type': 'text/xml' }).end(result);
  });
});

const check = (): Promise<void> => {
  const shell: Shell = {
    env: {},
    report: () => undefined,
    print: (line) => printed.push(line),
    signal: stopping.signal,
    pause: 1,
  };
  return doctor('us-east-1', shell);
};

beforeEach(() => {
  tasks = Object.fromEntries(jobs.map((job) => [job, { exit: 0, lines: ['ok  bucket'] }]));
  refusal = undefined;
  looks = {};
  runs = [];
  printed = [];
  stopping = new AbortController();
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});

describe('aws doctor', () => {
  it('runs --check of each job as a task of its role, and prints what each found', async () => {
    tasks['emr-clean'] = { exit: 0, lines: ['ok  bucket', 'ok  cluster'] };
    await check();
    expect(runs.map(({ taskDefinition }) => taskDefinition).sort()).toEqual(
      jobs.map((job) => `user-behaviour-${job}`).sort(),
    );
    for (const { cluster, overrides, networkConfiguration } of runs) {
      expect(cluster).toBe('the-cluster');
      expect(overrides.containerOverrides).toEqual([
        expect.objectContaining({ command: ['--check', '--log-format=json'] }),
      ]);
      expect(networkConfiguration.awsvpcConfiguration).toMatchObject({
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-1'],
      });
    }
    expect(printed).toEqual(
      jobs.flatMap((job) => [
        `${job}  ok  bucket`,
        ...(job === 'emr-clean' ? [`${job}  ok  cluster`] : []),
      ]),
    );
    // It waited for each.
    expect(Object.values(looks)).toEqual(jobs.map(() => 3));
  });

  it('fails with the most severe exit code, and prints the findings of all', async () => {
    tasks['stage-reviews'] = { exit: 75, lines: ['wait  reviews file'] };
    tasks['redshift-load'] = { exit: 78, lines: ['FAIL  warehouse'] };
    await expect(check()).rejects.toMatchObject({ exit: 78, message: 'not all checks passed' });
    expect(printed).toContain('stage-reviews  wait  reviews file');
    expect(printed).toContain('redshift-load  FAIL  warehouse');
    expect(printed).toContain('extract-purchases  ok  bucket');
  });

  it('says why a task never started, although it has no log, and that waiting may help', async () => {
    tasks['extract-purchases'] = { stoppedReason: 'CannotPullContainerError: not found' };
    await expect(check()).rejects.toMatchObject({ exit: 75 });
    expect(printed).toContain(
      'extract-purchases  did not start: CannotPullContainerError: not found',
    );
  });

  it('says why ECS places no task', async () => {
    refusal = 'RESOURCE:MEMORY';
    await expect(check()).rejects.toMatchObject({
      exit: 75,
      message: expect.stringMatching(/^ECS did not start .*: RESOURCE:MEMORY$/) as string,
    });
  });

  it('ends when it is stopped', async () => {
    stopping.abort(new Error('stopped by SIGINT'));
    await expect(check()).rejects.toThrow('stopped by SIGINT');
    expect(printed).toEqual([]);
  });
});

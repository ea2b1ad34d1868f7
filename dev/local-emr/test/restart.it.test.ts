/** What the next endpoint does after a kill or a stop. */
import { EMRClient, ListStepsCommand, TerminateJobFlowsCommand } from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterId as sharedCluster } from '@user-behaviour/local-cloud/environment';
import { commandLine } from '@user-behaviour/local-cloud/process-identity';
import {
  EmrCloud,
  addSteps,
  clusterState,
  commandStep,
  describeStep,
  endOf,
  fileHolds,
  freePort,
} from './cloud.ts';

/** Prints the PIDs of the script and of the JVM that started it. */
const WAIT = `
import os, time
print("begun", os.getpid(), os.getppid(), flush=True)
time.sleep(3600)
`;

let cloud: EmrCloud;
let port: number;

beforeAll(async () => {
  cloud = await EmrCloud.start();
  port = await freePort();
  await cloud.put('scripts/wait.py', WAIT);
  await cloud.put('in/a.txt', 'a');
});

afterAll(() => cloud[Symbol.asyncDispose]());

interface Endpoint extends AsyncDisposable {
  readonly client: EMRClient;
  readonly kill: () => Promise<void>;
}

/** The endpoint's program, on the same port and folder each time. */
async function endpoint(): Promise<Endpoint> {
  const program = await cloud.startProgram(port);
  const client = cloud.client(`http://127.0.0.1:${port}`);
  return {
    client,
    kill: () => program.stop('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await program.stop('SIGTERM');
    },
  };
}

/** Whether the program still runs. A zombie has no command line; the machine may reap it late. */
const isAlive = (pid: number): boolean => commandLine(pid) !== '';

const waitStep = () => commandStep('waits', ['spark-submit', cloud.address('scripts/wait.py')]);
const copyStep = (name: string) =>
  commandStep(name, ['s3-dist-cp', '--src', cloud.address('in/'), '--dest', `/${name}`]);

async function pidsOf(stepId: string): Promise<number[]> {
  const output = await fileHolds(cloud.log(stepId, 'stdout'), 'begun');
  const [, script, jvm] = /begun (\d+) (\d+)/.exec(output) ?? [];
  return [Number(script), Number(jvm)];
}

describe('a new endpoint', () => {
  it('after a kill: fails running steps, ends their processes, and continues with pending ones', async () => {
    let ids: string[];
    let pids: number[];
    {
      await using first = await endpoint();
      ids = await addSteps(first.client, [waitStep(), copyStep('after-kill')]);
      pids = await pidsOf(ids[0] ?? '');
      await first.kill();
    }
    expect(pids.map(isAlive)).toEqual([true, true]);

    await using second = await endpoint();
    const [waits, copy] = [
      await endOf(second.client, ids[0] ?? ''),
      await endOf(second.client, ids[1] ?? ''),
    ];
    expect(waits).toMatchObject({ Name: 'waits', Status: { State: 'FAILED' } });
    expect(waits.Status?.FailureDetails?.Message).toContain('died while this step ran');
    expect(copy).toMatchObject({ Name: 'after-kill', Status: { State: 'COMPLETED' } });
    await expect.poll(() => pids.map(isAlive)).toEqual([false, false]);
    const { Steps } = await second.client.send(new ListStepsCommand({ ClusterId: sharedCluster }));
    expect(Steps?.map(({ Id }) => Id)).toEqual(ids.toReversed());
  });

  it('after a stop: fails running steps, and recreates a terminated shared cluster', async () => {
    let stepId: string;
    let pids: number[];
    {
      await using first = await endpoint();
      [stepId = ''] = await addSteps(first.client, [waitStep()]);
      pids = await pidsOf(stepId);
    }
    expect(pids.map(isAlive)).toEqual([false, false]);
    {
      await using second = await endpoint();
      const { Status } = await describeStep(second.client, stepId);
      expect(Status).toMatchObject({
        State: 'FAILED',
        FailureDetails: { Reason: 'The local cloud was stopped' },
      });
      await second.client.send(new TerminateJobFlowsCommand({ JobFlowIds: [sharedCluster] }));
      expect(await clusterState(second.client)).toBe('TERMINATED');
    }
    await using third = await endpoint();
    await expect.poll(() => clusterState(third.client)).toBe('WAITING');
    expect(
      await third.client.send(new ListStepsCommand({ ClusterId: sharedCluster })),
    ).toMatchObject({ Steps: [] });
  });
});

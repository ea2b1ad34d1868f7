/** The persistent application UI: Spark's own history server, over the logs of steps that really ran. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreatePersistentAppUICommand,
  DescribeClusterCommand,
  DescribePersistentAppUICommand,
  type EMRClient,
  GetPersistentAppUIPresignedURLCommand,
} from '@aws-sdk/client-emr';
import { clusterId } from '@user-behaviour/local-cloud/environment';
import { isAlive, processIdentity } from '@user-behaviour/local-cloud/process-identity';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addSteps, commandStep, EmrCloud, endOf, freePort } from './cloud.ts';

const COUNT = `
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("counts").getOrCreate()
print("application", spark.sparkContext.applicationId, spark.range(10).count())
spark.stop()
`;

let cloud: EmrCloud;

beforeAll(async () => {
  cloud = await EmrCloud.start();
  await cloud.put('scripts/count.py', COUNT);
});

afterAll(() => cloud[Symbol.asyncDispose]());

/** The link to the UI, once there is one. */
async function open(client: EMRClient, ApplicationId?: string): Promise<string> {
  const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: clusterId }));
  const TargetResourceArn = Cluster?.ClusterArn;
  const ui = await client.send(new CreatePersistentAppUICommand({ TargetResourceArn }));
  const { PersistentAppUIId } = ui;
  for (;;) {
    const { PersistentAppUI } = await client.send(
      new DescribePersistentAppUICommand({ PersistentAppUIId }),
    );
    const { PersistentAppUIStatus, LastStateChangeReason } = PersistentAppUI ?? {};
    if (PersistentAppUIStatus === 'ATTACHED') break;
    if (LastStateChangeReason !== undefined) throw new Error(LastStateChangeReason);
    await delay(100);
  }
  const link = new GetPersistentAppUIPresignedURLCommand({
    PersistentAppUIId,
    PersistentAppUIType: 'SHS',
    ApplicationId,
  });
  return (await client.send(link)).PresignedURL ?? '';
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly attempts: readonly { readonly completed: boolean }[];
}

const applications = async (link: string): Promise<Listed[]> =>
  (await (await fetch(new URL('/api/v1/applications', link))).json()) as Listed[];

const serverProcess = () => {
  const file = join(cloud.options.runDir, 'history-server.json');
  return processIdentity.parse(JSON.parse(readFileSync(file, 'utf8')));
};

const isOpen = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', end(true)).on('timeout', end(false)).on('error', end(false));
  });

it('shows the application of a step, on this machine only, and ends with the endpoint', async () => {
  await cloud.startEndpoint();
  const client = cloud.client();
  // It starts before there is any log.
  const link = await open(client);
  expect(await applications(link)).toEqual([]);
  const server = serverProcess();
  expect(isAlive(server)).toBe(true);

  const script = cloud.address('scripts/count.py');
  const [id = ''] = await addSteps(client, [commandStep('count', ['spark-submit', script])]);
  expect((await endOf(client, id)).Status?.State).toBe('COMPLETED');
  const [, application = ''] =
    /application (\S+) 10/.exec(readFileSync(cloud.log(id, 'stdout'), 'utf8')) ?? [];
  await expect
    .poll(() => applications(link), { timeout: 60_000 })
    .toEqual([
      expect.objectContaining({
        id: application,
        name: 'counts',
        attempts: [expect.objectContaining({ completed: true })],
      }),
    ]);

  // A second call finds the same server.
  const ofApplication = await open(client, application);
  expect(ofApplication).toBe(`${link}history/${application}/jobs/`);
  expect(serverProcess()).toEqual(server);
  const page = await fetch(ofApplication);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('counts - Spark Jobs');

  const port = Number(new URL(link).port);
  expect(await isOpen('127.0.0.1', port)).toBe(true);
  const others = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const { address } of others) expect(await isOpen(address, port)).toBe(false);

  client.destroy();
  await cloud.stopEndpoint();
  expect(isAlive(server)).toBe(false);
}, 600_000);

it('is ended by the next endpoint if its own was killed', async () => {
  const port = await freePort();
  const first = await cloud.startProgram(port);
  const client = cloud.client(`http://127.0.0.1:${String(port)}`);
  await open(client);
  const server = serverProcess();
  await first.stop('SIGKILL');
  expect(isAlive(server)).toBe(true);

  const second = await cloud.startProgram(port);
  await expect.poll(() => isAlive(server), { timeout: 20_000 }).toBe(false);
  await open(client);
  const successor = serverProcess();
  // As Ctrl-C.
  await second.stop('SIGINT');
  expect(isAlive(successor)).toBe(false);
  client.destroy();
}, 600_000);

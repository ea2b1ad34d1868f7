/** What the EMR tests run against: a real S3 server and the endpoint, each with a folder and port of its own. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AddJobFlowStepsCommand,
  DescribeClusterCommand,
  DescribeStepCommand,
  EMRClient,
  type Step,
  type StepConfig,
} from '@aws-sdk/client-emr';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { STANDING_CLUSTER, startEmr, type EmrOptions } from '../src/server.ts';
import { defaultPython, findInstallation } from '@user-behaviour/local-cloud/installation';
import { startProgram } from '@user-behaviour/local-cloud/supervisor/running-program';
import { s3Part } from '@user-behaviour/local-cloud/s3/s3-service';

const BUCKET = 'emr-tests';
const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' };
const REGION = 'us-east-1';

export class EmrCloud {
  readonly directory: string;
  readonly options: EmrOptions;
  readonly s3: S3Client;
  readonly #stopS3: () => Promise<void>;
  #endpoint: { url: string; close(): Promise<void> } | undefined;

  private constructor(directory: string, options: EmrOptions, stopS3: () => Promise<void>) {
    this.directory = directory;
    this.options = options;
    this.#stopS3 = stopS3;
    const { endpoint } = options.s3;
    this.s3 = new S3Client({ endpoint, region: REGION, credentials: KEYS, forcePathStyle: true });
  }

  /** Starts the S3 server; the endpoint is started by `startEndpoint`, or elsewhere with `options`. */
  static async start(): Promise<EmrCloud> {
    const directory = await mkdtemp(join(tmpdir(), 'emr-test-'));
    const port = await freePort();
    const access = { ...KEYS, endpoint: `http://127.0.0.1:${port}`, region: REGION };
    const part = s3Part(directory, port, defaultPython, access, BUCKET);
    await mkdir(join(directory, 'run'));
    const program = startProgram(
      await part.prepare(),
      join(directory, 's3.log'),
      join(directory, 'run', 's3.json'),
    );
    const deadline = Date.now() + 30_000;
    while (!(await part.isHealthy())) {
      if (Date.now() > deadline) throw new Error(await readFile(join(directory, 's3.log'), 'utf8'));
      await delay(50);
    }
    await part.afterStart?.();
    const options: EmrOptions = {
      port: 0,
      stateDir: join(directory, 'emr'),
      hdfsDir: join(directory, 'hdfs'),
      s3: access,
      accessKeyId: KEYS.accessKeyId,
      spark: await findInstallation(['emr'], defaultPython),
      log: () => undefined,
    };
    return new EmrCloud(directory, options, () => program.stop(part.stopSignal));
  }

  async startEndpoint(): Promise<void> {
    this.#endpoint = await startEmr(this.options);
  }

  async stopEndpoint(): Promise<void> {
    await this.#endpoint?.close();
    this.#endpoint = undefined;
  }

  get url(): string {
    if (this.#endpoint === undefined) throw new Error('the endpoint is not started');
    return this.#endpoint.url;
  }

  client(endpoint = this.url): EMRClient {
    return new EMRClient({ endpoint, region: REGION, credentials: KEYS, maxAttempts: 1 });
  }

  address(key: string): string {
    return `s3://${BUCKET}/${key}`;
  }

  async put(key: string, body: string): Promise<string> {
    await this.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    return this.address(key);
  }

  async get(key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  async keys(prefix: string): Promise<string[]> {
    const found = await this.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    return (found.Contents ?? []).flatMap(({ Key }) => Key ?? []);
  }

  log(
    stepId: string,
    name: 'stdout' | 'stderr' | 'controller',
    clusterId = STANDING_CLUSTER,
  ): string {
    return join(this.options.stateDir, 'logs', clusterId, stepId, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEndpoint();
    this.s3.destroy();
    await this.#stopS3();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export const commandStep = (
  Name: string,
  Args: string[],
  ActionOnFailure: StepConfig['ActionOnFailure'] = 'CONTINUE',
): StepConfig => ({ Name, ActionOnFailure, HadoopJarStep: { Jar: 'command-runner.jar', Args } });

export async function addSteps(
  client: EMRClient,
  steps: StepConfig[],
  JobFlowId = STANDING_CLUSTER,
): Promise<string[]> {
  const { StepIds } = await client.send(new AddJobFlowStepsCommand({ JobFlowId, Steps: steps }));
  return StepIds ?? [];
}

export async function describeStep(
  client: EMRClient,
  StepId: string,
  ClusterId = STANDING_CLUSTER,
): Promise<Step> {
  const { Step } = await client.send(new DescribeStepCommand({ ClusterId, StepId }));
  if (Step === undefined) throw new Error(`no step ${StepId}`);
  return Step;
}

const ENDED = ['COMPLETED', 'CANCELLED', 'FAILED', 'INTERRUPTED'];

/** Polls until the step has ended, however it did. */
export async function endOf(
  client: EMRClient,
  stepId: string,
  clusterId = STANDING_CLUSTER,
): Promise<Step> {
  for (;;) {
    const step = await describeStep(client, stepId, clusterId);
    if (ENDED.includes(step.Status?.State ?? '')) return step;
    await delay(50);
  }
}

export async function clusterState(
  client: EMRClient,
  ClusterId = STANDING_CLUSTER,
): Promise<string | undefined> {
  const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId }));
  return Cluster?.Status?.State;
}

/** Polls until the file holds the text. */
export async function fileHolds(file: string, text: string): Promise<string> {
  for (;;) {
    const content = await readFile(file, 'utf8').catch(() => '');
    if (content.includes(text)) return content;
    await delay(50);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

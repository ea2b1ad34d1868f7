/** What the EMR tests run against: the local cloud's S3 and the endpoint, on free ports below one new folder. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
  type S3Client,
} from '@aws-sdk/client-s3';
import { scriptFaults } from '@user-behaviour/local-cloud/endpoint/script-faults';
import type { RunningEndpoint } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import {
  bucket,
  clusterId as sharedCluster,
  region,
} from '@user-behaviour/local-cloud/environment';
import { findInstallation } from '@user-behaviour/local-cloud/installation';
import { type KeyPair, keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import { startLocalCloud, type LocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { choosePorts } from '@user-behaviour/local-cloud/ports';
import { openS3, type S3Access } from '@user-behaviour/local-cloud/s3/s3-client';
import { emulatorService } from '@user-behaviour/local-cloud/supervisor/emulator-service';
import { untilReady } from '@user-behaviour/local-cloud/supervisor/readiness';
import {
  startProgram,
  type RunningProgram,
} from '@user-behaviour/local-cloud/supervisor/running-program';
import { startEmr, type EmrOptions } from '../src/server.ts';

/** With S3, which the tests use themselves. */
type Options = EmrOptions & { readonly s3: S3Access };

export class EmrCloud {
  readonly directory: string;
  readonly options: Options;
  readonly s3: S3Client;
  readonly keyPair: KeyPair;
  readonly #cloud: LocalCloud;
  #endpoint: RunningEndpoint | undefined;

  private constructor(directory: string, options: Options, cloud: LocalCloud) {
    this.directory = directory;
    this.options = options;
    this.#cloud = cloud;
    this.keyPair = keyPairOf(cloud.env);
    this.s3 = openS3(options.s3);
  }

  /** Starts the S3 server; the endpoint is started by `startEndpoint`, or as a program on the same folders. */
  static async start(): Promise<EmrCloud> {
    const directory = await mkdtemp(join(tmpdir(), 'emr test-'));
    const cloud = await startLocalCloud({ stateDir: directory, services: ['s3'], ports: {} });
    const endpoint = cloud.env['AWS_ENDPOINT_URL_S3'] ?? '';
    const options: Options = {
      host: '127.0.0.1',
      port: 0,
      stateDir: join(directory, 'emr'),
      // Not the shared one: the archive of the tests' small scripts would slow down the pipeline's script.
      cacheDir: join(directory, 'cache'),
      hdfsDir: join(directory, 'hdfs'),
      runDir: join(directory, 'run'),
      s3: { endpoint, region, ...keyPairOf(cloud.env) },
      takesFaults: true,
      spark: await findInstallation(['emr']),
      clusterId: sharedCluster,
      log: () => undefined,
    };
    return new EmrCloud(directory, options, cloud);
  }

  /** The cloud's variables, for a program that is not written in TypeScript. */
  get variables(): Readonly<Record<string, string>> {
    return this.#cloud.env;
  }

  async startEndpoint(): Promise<void> {
    this.#endpoint = await startEmr(this.options);
  }

  /** Starts the endpoint's program as the supervisor does, and waits until it answers. */
  async startProgram(port: number): Promise<RunningProgram> {
    const { directory, options } = this;
    const { cacheDir, s3 } = options;
    const place = {
      stateDir: directory,
      cacheDir,
      port,
      s3Endpoint: s3.endpoint,
      keys: this.keyPair,
    };
    const service = emulatorService('emr', { ...place, allowedHosts: [], takesFaults: false });
    const [log, pidFile] = [join(directory, 'emr.log'), join(directory, 'run/emr.json')];
    const program = startProgram(await service.prepare(), log, pidFile);
    await untilReady(service, program);
    return program;
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
    return new EMRClient({ endpoint, region, credentials: this.keyPair, maxAttempts: 1 });
  }

  fault(...faults: readonly object[]): Promise<void> {
    return scriptFaults(
      this.url,
      { keys: this.keyPair, signingName: 'elasticmapreduce' },
      ...faults,
    );
  }

  address(key: string): string {
    return `s3://${bucket}/${key}`;
  }

  async put(key: string, body: string): Promise<string> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    return this.address(key);
  }

  async get(key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  async keys(prefix: string): Promise<string[]> {
    const found = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return (found.Contents ?? []).flatMap(({ Key }) => Key ?? []);
  }

  log(stepId: string, name: 'stdout' | 'stderr' | 'controller', clusterId = sharedCluster): string {
    return join(this.options.stateDir, 'logs', clusterId, stepId, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEndpoint();
    this.s3.destroy();
    await this.#cloud[Symbol.asyncDispose]();
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
  JobFlowId = sharedCluster,
): Promise<string[]> {
  const { StepIds } = await client.send(new AddJobFlowStepsCommand({ JobFlowId, Steps: steps }));
  return StepIds ?? [];
}

export async function describeStep(
  client: EMRClient,
  StepId: string,
  ClusterId = sharedCluster,
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
  clusterId = sharedCluster,
): Promise<Step> {
  for (;;) {
    const step = await describeStep(client, stepId, clusterId);
    if (ENDED.includes(step.Status?.State ?? '')) return step;
    await delay(50);
  }
}

export async function clusterState(
  client: EMRClient,
  ClusterId = sharedCluster,
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
  return (await choosePorts(['emr'], {}, {})).emr;
}

/** What the Redshift tests run against: the local cloud's S3 and the endpoint, on free ports below one new folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
  type BatchExecuteStatementCommandInput,
  type DescribeStatementCommandOutput,
  type ExecuteStatementCommandInput,
  type Field,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { scriptFaults } from '@user-behaviour/local-cloud/endpoint/script-faults';
import {
  bucket,
  region,
  warehouse,
  warehouseUser,
  workgroup,
} from '@user-behaviour/local-cloud/environment';
import { defaultCacheDir } from '@user-behaviour/local-cloud/installation';
import { type KeyPair, keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import { startLocalCloud, type LocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { openS3, type S3Access } from '@user-behaviour/local-cloud/s3/s3-client';
import { emulatorService } from '@user-behaviour/local-cloud/supervisor/emulator-service';
import { untilReady } from '@user-behaviour/local-cloud/supervisor/readiness';
import {
  startProgram,
  type RunningProgram,
} from '@user-behaviour/local-cloud/supervisor/running-program';
import { startRedshift, type RedshiftOptions, type RunningRedshift } from '../src/server.ts';

export const target = { WorkgroupName: workgroup, Database: warehouse };

export type Cell = string | number | boolean | null;

/** With S3, which the tests use themselves. */
type Options = RedshiftOptions & { readonly s3: S3Access };

export class RedshiftCloud {
  readonly directory: string;
  readonly options: Options;
  readonly s3: S3Client;
  readonly keyPair: KeyPair;
  readonly bugs: string[];
  readonly #cloud: LocalCloud;
  #endpoint: RunningRedshift | undefined;

  private constructor(directory: string, options: Options, bugs: string[], cloud: LocalCloud) {
    this.directory = directory;
    this.options = options;
    this.bugs = bugs;
    this.#cloud = cloud;
    this.keyPair = keyPairOf(cloud.env);
    this.s3 = openS3(options.s3);
  }

  /** Starts the S3 server; the endpoint is started by `startEndpoint`, or as a program on the same folder. */
  static async start(): Promise<RedshiftCloud> {
    const directory = await mkdtemp(join(tmpdir(), 'redshift-test-'));
    const cloud = await startLocalCloud({ stateDir: directory, services: ['s3'], ports: {} });
    const endpoint = cloud.env['AWS_ENDPOINT_URL_S3'] ?? '';
    const bugs: string[] = [];
    const options: Options = {
      host: '127.0.0.1',
      port: 0,
      stateDir: join(directory, 'redshift'),
      cacheDir: defaultCacheDir,
      database: warehouse,
      workgroup,
      wire: { port: 0, user: warehouseUser, password: 'a password / of 1 test' },
      s3: { endpoint, region, ...keyPairOf(cloud.env) },
      takesFaults: true,
      log: (line) => bugs.push(line),
    };
    return new RedshiftCloud(directory, options, bugs, cloud);
  }

  async startEndpoint(): Promise<void> {
    this.#endpoint = await startRedshift(this.options);
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
    const service = emulatorService('redshift', { ...place, allowedHosts: [], takesFaults: false });
    const [log, pidFile] = [join(directory, 'redshift.log'), join(directory, 'run/redshift.json')];
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

  /** The address of the PostgreSQL protocol, with user and password. */
  get wireUrl(): string {
    const { user = '', password = '' } = this.options.wire ?? {};
    const login = `${user}:${encodeURIComponent(password)}`;
    return `postgres://${login}@127.0.0.1:${this.#endpoint?.wirePort ?? 0}/${warehouse}`;
  }

  client(endpoint = this.url): RedshiftDataClient {
    return new RedshiftDataClient({ endpoint, region, credentials: this.keyPair, maxAttempts: 1 });
  }

  fault(...faults: readonly object[]): Promise<void> {
    return scriptFaults(this.url, { keys: this.keyPair, signingName: 'redshift-data' }, ...faults);
  }

  address(key: string): string {
    return `s3://${bucket}/${key}`;
  }

  async put(key: string, body: string | Uint8Array): Promise<string> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    return this.address(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEndpoint();
    this.s3.destroy();
    await this.#cloud[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Parameters in the format of the API. */
function parametersOf(values: Readonly<Record<string, string>>) {
  const list = Object.entries(values).map(([name, value]) => ({ name, value }));
  return list.length === 0 ? {} : { Parameters: list };
}

/** Runs one statement to its end. */
export async function execute(
  client: RedshiftDataClient,
  Sql: string,
  values: Readonly<Record<string, string>> = {},
  more: Partial<ExecuteStatementCommandInput> = {},
): Promise<DescribeStatementCommandOutput> {
  const { Id } = await client.send(
    new ExecuteStatementCommand({ ...target, Sql, ...parametersOf(values), ...more }),
  );
  return endOf(client, Id);
}

/** Runs a batch to its end. */
export async function batch(
  client: RedshiftDataClient,
  Sqls: string[],
  values: Readonly<Record<string, string>> = {},
  more: Partial<BatchExecuteStatementCommandInput> = {},
): Promise<DescribeStatementCommandOutput> {
  const { Id } = await client.send(
    new BatchExecuteStatementCommand({ ...target, Sqls, ...parametersOf(values), ...more }),
  );
  return endOf(client, Id);
}

const ENDED = ['FINISHED', 'FAILED', 'ABORTED'];

/** Waits until the statement has ended, successfully or not. */
export async function endOf(
  client: RedshiftDataClient,
  Id: string | undefined,
): Promise<DescribeStatementCommandOutput> {
  for (;;) {
    const state = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    if (ENDED.includes(state.Status ?? '')) return state;
  }
}

/** Runs a statement that must succeed. */
export async function succeed(
  client: RedshiftDataClient,
  sql: string,
  values: Readonly<Record<string, string>> = {},
): Promise<DescribeStatementCommandOutput> {
  const state = await execute(client, sql, values);
  if (state.Status !== 'FINISHED') throw new Error(`${state.Error ?? ''}\n${sql}`);
  return state;
}

/** The rows of a query that must succeed. */
export async function query(
  client: RedshiftDataClient,
  sql: string,
  values: Readonly<Record<string, string>> = {},
): Promise<Cell[][]> {
  const { Id } = await succeed(client, sql, values);
  const { Records = [] } = await client.send(new GetStatementResultCommand({ Id }));
  return Records.map((row) => row.map(cell));
}

function cell(field: Field): Cell {
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}

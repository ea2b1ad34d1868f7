/** What the Redshift tests run against: a real S3 server and the endpoint, each with a folder and port of its own. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { defaultPython } from '@user-behaviour/local-cloud/installation';
import { startRedshift, type RedshiftOptions } from '../src/server.ts';
import { choosePorts } from '@user-behaviour/local-cloud/ports';
import { startProgram } from '@user-behaviour/local-cloud/supervisor/running-program';
import { s3Part } from '@user-behaviour/local-cloud/s3/s3-service';

const BUCKET = 'warehouse-tests';
export const WORKGROUP = 'local';
export const DATABASE = 'dev';
const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' };
const REGION = 'us-east-1';

export type Cell = string | number | boolean | null;

export class RedshiftCloud {
  readonly directory: string;
  readonly options: RedshiftOptions;
  readonly s3: S3Client;
  readonly bugs: string[];
  readonly #stopS3: () => Promise<void>;
  #endpoint: { url: string; close(): Promise<void> } | undefined;

  private constructor(
    directory: string,
    options: RedshiftOptions,
    bugs: string[],
    stopS3: () => Promise<void>,
  ) {
    this.directory = directory;
    this.options = options;
    this.bugs = bugs;
    this.#stopS3 = stopS3;
    const { endpoint } = options.s3;
    this.s3 = new S3Client({ endpoint, region: REGION, credentials: KEYS, forcePathStyle: true });
  }

  /** Starts the S3 server; the endpoint is started by `startEndpoint`, or elsewhere with `options`. */
  static async start(): Promise<RedshiftCloud> {
    const directory = await mkdtemp(join(tmpdir(), 'redshift-test-'));
    const { s3: port } = await choosePorts(['s3'], {}, {});
    const access = { ...KEYS, endpoint: `http://127.0.0.1:${port}`, region: REGION };
    const part = s3Part(directory, port, defaultPython, access, BUCKET);
    await mkdir(join(directory, 'run'));
    const log = join(directory, 's3.log');
    const program = startProgram(await part.prepare(), log, join(directory, 'run', 's3.json'));
    const deadline = Date.now() + 30_000;
    while (!(await part.isHealthy())) {
      if (Date.now() > deadline) throw new Error(await readFile(log, 'utf8'));
      await delay(50);
    }
    await part.afterStart?.();
    const bugs: string[] = [];
    const options: RedshiftOptions = {
      port: 0,
      stateDir: join(directory, 'redshift'),
      database: DATABASE,
      workgroup: WORKGROUP,
      s3: access,
      accessKeyId: KEYS.accessKeyId,
      log: (line) => bugs.push(line),
    };
    return new RedshiftCloud(directory, options, bugs, () => program.stop(part.stopSignal));
  }

  async startEndpoint(): Promise<void> {
    this.#endpoint = await startRedshift(this.options);
  }

  async stopEndpoint(): Promise<void> {
    await this.#endpoint?.close();
    this.#endpoint = undefined;
  }

  get url(): string {
    if (this.#endpoint === undefined) throw new Error('the endpoint is not started');
    return this.#endpoint.url;
  }

  client(endpoint = this.url): RedshiftDataClient {
    return new RedshiftDataClient({ endpoint, region: REGION, credentials: KEYS, maxAttempts: 1 });
  }

  address(key: string): string {
    return `s3://${BUCKET}/${key}`;
  }

  async put(key: string, body: string | Uint8Array): Promise<string> {
    await this.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    return this.address(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEndpoint();
    this.s3.destroy();
    await this.#stopS3();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Parameters as the API wants them. */
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
  const target = { WorkgroupName: WORKGROUP, Database: DATABASE };
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
  const target = { WorkgroupName: WORKGROUP, Database: DATABASE };
  const { Id } = await client.send(
    new BatchExecuteStatementCommand({ ...target, Sqls, ...parametersOf(values), ...more }),
  );
  return endOf(client, Id);
}

const ENDED = ['FINISHED', 'FAILED', 'ABORTED'];

/** Waits until the statement is over, however it ended. */
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

/** The function that loads the sample, with the AWS SDK against a server that answers as the services do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sampleDays } from '@user-behaviour/sample/data/calendar';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { writeSampleFunction } from '../src/sample-function.ts';
import { answerAsAws } from './fake-service.ts';

/** Below the checkout, where the function finds the AWS SDK, as the runtime of AWS Lambda has it. */
const temporary = join(import.meta.dirname, '../../../.local/tmp');
mkdirSync(temporary, { recursive: true });
const folder = mkdtempSync(join(temporary, 'sample-function-'));
await writeSampleFunction(folder);

const statements: string[] = [];
const objects: Record<string, string> = {};
/** The statement that PostgreSQL refuses. */
let refused: RegExp | undefined;
/** Calls that a paused cluster refuses. */
let pausedFor = 0;

interface Answer {
  readonly status?: number;
  readonly body?: object;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const body = await text(request);
  const { pathname } = new URL(request.url ?? '', 'http://localhost');
  if (request.method === 'PUT') {
    objects[pathname] = body;
    return {};
  }
  if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
    const login = { username: 'reader', password: 'generated' };
    return { body: { SecretString: JSON.stringify(login) } };
  }
  expect(pathname).toBe('/Execute');
  if (pausedFor > 0) {
    pausedFor -= 1;
    return { status: 400, body: { __type: 'DatabaseResumingException', message: 'resuming' } };
  }
  const { sql, ...target } = JSON.parse(body) as { sql: string };
  expect(target).toEqual({ resourceArn: 'arn:cluster', secretArn: 'arn:admin', database: 'shop' });
  statements.push(sql);
  return refused?.test(sql) === true
    ? { status: 400, body: { __type: 'DatabaseErrorException', message: 'permission denied' } }
    : { body: {} };
}

const server = await answerAsAws((request, response) => {
  void answer(request).then(({ status = 200, body }) => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body));
  });
});
const { handler } = (await import(
  join(folder, 'index.mjs')
)) as typeof import('../src/handlers/sample/index.mjs');

const ResourceProperties = {
  clusterArn: 'arn:cluster',
  adminSecretArn: 'arn:admin',
  readerSecretArn: 'arn:reader',
  database: 'shop',
  bucket: 'data',
  prefix: 'sample',
  region: 'us-east-1',
  ddl: ['create schema if not exists retail'],
};

beforeEach(() => {
  statements.length = 0;
  refused = undefined;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

it('loads the purchases and puts the vendor’s files into the bucket, the same in a second run', async () => {
  const result = await handler({ RequestType: 'Create', ResourceProperties });
  expect(result).toEqual({ PhysicalResourceId: 'arn:cluster/shop' });
  const first = [...statements];
  expect(first[0]).toBe('create schema if not exists retail');
  expect(first.at(-2)).toContain("create_s3_uri('data', 'sample/purchases.csv', 'us-east-1')");
  expect(first.indexOf('truncate retail.user_purchase')).toBe(first.length - 3);
  expect(Object.keys(objects).sort()).toEqual([
    '/data/sample/purchases.csv',
    ...sampleDays.map((ds) => `/data/sample/reviews/${ds}.csv`),
  ]);
  expect(objects['/data/sample/purchases.csv']).toContain(
    readFileSync(join(folder, 'purchases.csv'), 'utf8'),
  );

  statements.length = 0;
  await handler({ RequestType: 'Update', ResourceProperties });
  expect(statements).toEqual(first);
});

it('gives the job’s role no right but to read the table', async () => {
  await handler({ RequestType: 'Create', ResourceProperties });
  const grants = statements.filter((sql) => /^(grant|alter|do)/.test(sql));
  expect(grants).toEqual([
    expect.stringMatching(/^do .* create role reader login; exception when duplicate_object/),
    "alter role reader password 'generated'",
    'grant usage on schema retail to reader',
    'grant select on retail.user_purchase to reader',
  ]);
});

it('names the statement that fails, but not the password', async () => {
  refused = /^alter role/;
  const run = handler({ RequestType: 'Create', ResourceProperties });
  await expect(run).rejects.toThrow(
    /^alter role reader password …: DatabaseErrorException: permission denied$/,
  );
});

it('waits for a cluster that has paused', async () => {
  pausedFor = 2;
  await handler({ RequestType: 'Create', ResourceProperties });
  expect(pausedFor).toBe(0);
  expect(statements[0]).toBe('create schema if not exists retail');
}, 20_000);

it('undoes nothing on delete', async () => {
  await handler({ RequestType: 'Delete', ResourceProperties });
  expect(statements).toEqual([]);
});

/**
 * Every operation of EMR and Redshift that the local cloud answers, compared with the service models of botocore:
 * requests with each member missing, of a wrong type, too long or too large; replies; errors; pages. Those of S3
 * and Secrets Manager, which are a server of others, as far as the product calls them: replies, errors and pages.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultPython, workspaceRoot } from '@user-behaviour/local-cloud/installation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalServers, type TestCloud } from '../src/servers/cloud.ts';

const comparison = join(import.meta.dirname, 'service_models.py');
const s3Comparison = join(import.meta.dirname, 's3_model.py');
const generator = join(import.meta.dirname, '../src/pruned_model.py');

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startLocalServers(['s3', 'emr', 'redshift']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function python(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(defaultPython, args, {
    env: { ...process.env, ...cloud.env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

interface Report {
  readonly requests: number;
  readonly differences: readonly string[];
  readonly notEmulated: readonly string[];
}

const services = [
  { service: 'emr', folder: 'local-emr', url: 'AWS_ENDPOINT_URL_EMR', notEmulated: 35 },
  {
    service: 'redshift-data',
    folder: 'local-redshift',
    url: 'AWS_ENDPOINT_URL_REDSHIFT_DATA',
    notEmulated: 1,
  },
] as const;

it.each(services)('checks requests of $service with the model of botocore', async (one) => {
  const file = join(workspaceRoot, 'dev', one.folder, 'src/api/model.json');
  const model = JSON.parse(await readFile(file, 'utf8')) as { readonly operations: object };
  expect(await python(generator, one.service, ...Object.keys(model.operations))).toEqual(model);
});

it.each(services)('answers as the model of $service says', async (one) => {
  const url = cloud.env[one.url] ?? '';
  const report = (await python(comparison, one.service, url)) as Report;
  expect(report.differences).toEqual([]);
  expect(report.requests).toBeGreaterThan(one.service === 'emr' ? 350 : 100);
  expect(report.notEmulated).toHaveLength(one.notEmulated);
});

it('answers as the models of S3 and Secrets Manager say', async () => {
  const report = (await python(s3Comparison)) as Report & {
    readonly operations: readonly string[];
  };
  expect(report.differences).toEqual([]);
  expect(report.operations).toHaveLength(19);
  expect(report.requests).toBeGreaterThan(70);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fakeHost } from '../../test/fake-host.ts';
import { jobOf } from '../../test/fake-job.ts';
import { baseVariables, ruledVariable, rulesVariable } from '../runner/config.ts';
import type { Job } from '../runner/job.ts';
import { runJob } from '../runner/run-job.ts';

const variables = {
  ...baseVariables,
  ...rulesVariable,
  MIN_QUANTITY: ruledVariable(
    'minQuantity',
    'm',
    z
      .string()
      .default('2')
      .refine((text) => /^\d+$/.test(text), 'expected a whole number')
      .transform(Number),
  ),
};
const ofBase = jobOf({});
const job: Job<typeof variables> = {
  stage: ofBase.stage,
  version: '1',
  summary: 'Does some work.',
  variables,
  open: (_configuration, _session, configurationOf) =>
    Promise.resolve({
      runDay: ({ ds }) =>
        Promise.resolve({ status: 'planned', least: configurationOf(ds).MIN_QUANTITY }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  healthChecks: () => ofBase.healthChecks({ BUCKET: '' }, {} as never),
};
const entry = '{"parameter":"minQuantity","from":"2010-12-02","until":"2010-12-02","value":5}';
const range = '--ds=2010-12-01 --through=2010-12-03';

/** Runs the job with a file of this entry. */
async function run(argv: string, env: Readonly<Record<string, string>> = {}, rule = entry) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'rules-'));
  const RULES = join(folder.path, 'rules.json');
  await writeFile(RULES, `{"version":1,"rules":[${rule}]}`);
  const base = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1' };
  const host = fakeHost(argv, { ...base, RULES, ...env });
  const exit = await runJob(job, host);
  return { exit, lines: host.summaries(), log: host.err.join('') };
}

it('apply to the days of a range, each by its own', async () => {
  const { exit, lines, log } = await run(range);
  expect(exit).toBe(0);
  expect(lines.map(({ least }) => least)).toEqual([2, 5, 2]);
  expect(log).toBe('');
});

it('are overridden by a variable, with a warning', async () => {
  const { lines, log } = await run(range, { MIN_QUANTITY: '7' });
  expect(lines.map(({ least }) => least)).toEqual([7, 7, 7]);
  expect(log).toContain('MIN_QUANTITY is set, so the rules of minQuantity do not apply');
  expect((await run('--ds=2010-12-01', { MIN_QUANTITY: '7' })).log).toBe('');
});

it('are not needed', async () => {
  expect((await run(range, { RULES: '' })).lines.map(({ least }) => least)).toEqual([2, 2, 2]);
});

it.each([
  [{ RULES: '/no/such/rules.json' }, entry, '/no/such/rules.json'],
  [{ RULES: 'https://rules' }, entry, 'expected a path or s3://bucket/key'],
  [{}, '{"parameter":"minQuantity","value":"many"}', 'entry 1'],
])('that cannot be used end with 78 before any day: %j %s', async (env, rule, message) => {
  const { exit, lines, log } = await run(range, env, rule);
  expect([exit, lines]).toEqual([78, []]);
  expect(log).toContain(message);
});

it('are not waited for after a signal', async () => {
  await using server = createServer(() => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const host = fakeHost('--ds=2010-12-01', {
    ...{ PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1', RULES: 's3://settings/rules.json' },
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${String(port)}`,
  });
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  server.once('request', () => {
    host.raise('SIGTERM');
  });
  expect(await runJob(job, host)).toBe(143);
  vi.unstubAllEnvs();
  server.closeAllConnections();
});

it('are checked by --check', async () => {
  const checks = async (...given: Parameters<typeof run>) => (await run(...given)).lines.slice(1);
  expect(await checks('--check')).toMatchObject([
    { check: 'rules', result: 'ok', found: expect.stringMatching(/^1 rules in \//) as string },
  ]);
  expect(await checks('--check', { MIN_QUANTITY: '7' })).toMatchObject([
    { check: 'rules', result: 'warn', action: expect.stringContaining('MIN_QUANTITY') as string },
  ]);
  expect(await checks('--check', {}, 'x')).toMatchObject([
    { check: 'rules', result: 'FAIL', exit: 78 },
  ]);
  expect(await checks('--check', { RULES: '' })).toEqual([]);
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { containers, render } from './kustomization.ts';
import { k8s, text, type Values, values } from './manifest-files.ts';
import { type Cluster, podStart } from './pod-start.ts';

const packages = join(import.meta.dirname, '../../packages');
const uid = '0b6c2f0a-7a52-4d1c-9d0e-5f1a2b3c4d5e';
const secrets = {
  'extract-purchases': { SOURCE_DATABASE_URL: 'postgres://reader:secret@db.example.com/retail' },
  health: { PING_URL: 'http://127.0.0.1:9/ping', WEBHOOK_URL: 'http://127.0.0.1:9/hook' },
  'local-cloud': { AWS_ACCESS_KEY_ID: 'LOCALKEY', AWS_SECRET_ACCESS_KEY: 'secret' },
};

const overlay = (name: string): readonly Values[] => render(join(k8s, 'overlays', name));
const nameOf = (resource: Values): string => text(containers(resource)[0]?.['name']);
const isJob = (name: string): boolean => jobs.some((job) => job === name);
const started = (resources: readonly Values[]) =>
  resources
    .filter((resource) => containers(resource).length > 0 && isJob(nameOf(resource)))
    .map((resource): [string, Values] => [nameOf(resource), resource]);

/** Starts the job's own program as its pod would, to say what it would do; it touches nothing. */
function dryRun(resource: Values, cluster: Cluster) {
  const { args, env: own } = podStart(resource, cluster);
  const main = join(packages, nameOf(resource), 'src/main.ts');
  const argv = ['--disable-warning=ExperimentalWarning', main, ...args, '--dry-run'];
  const { status, stdout, stderr } = spawnSync(execPath, argv, {
    env: { PATH: env['PATH'], ...own },
    encoding: 'utf8',
  });
  return { status, stderr, summary: JSON.parse(stdout === '' ? '{}' : stdout) as Values };
}

const production = overlay('production');
const kind = overlay('kind');
const backfill = overlay('production-backfill');
const hourly = overlay('production-hourly');
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:';
const due = String(Date.parse('2027-01-01T00:15:00Z') / 60_000);

/** Where a retry takes up remote work the run is the Job's; where it would meet its own files, not. */
const ofItsOwn = expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/) as string;
const resumed = ['emr-clean', 'redshift-load'];

describe('a scheduled pod', () => {
  it.each(started(production))('of %s understands its arguments and variables', (job, resource) => {
    const cluster = { job: { name: `${job}-${due}`, uid }, resources: production, secrets: {} };
    const { status, stderr, summary } = dryRun(resource, cluster);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const run = resumed.includes(job) ? uid : ofItsOwn;
    expect(summary).toMatchObject({ job, ds: '2026-12-31', run, status: 'planned' });
  });

  it.each(started(kind))('of %s on one machine does too', (job, resource) => {
    const cluster = { job: { name: `${job}-${due}`, uid }, resources: kind, secrets };
    expect(dryRun(resource, cluster)).toMatchObject({
      status: 0,
      summary: { job, ds: '2026-12-31', status: 'planned' },
    });
  });

  it.each(started(production))('of %s made by hand must name its day', (_, resource) => {
    const cluster = { job: { name: 'by-hand', uid }, resources: production, secrets: {} };
    const { status, stderr } = dryRun(resource, cluster);
    expect(status).toBe(64);
    expect(stderr).toContain('--ds=2010-12-01');
  });
});

describe('a pod of an hourly CronJob', () => {
  it.each(started(hourly))('of %s does the day of its scheduled time', (job, resource) => {
    const time = String(Date.parse('2027-01-01T13:15:00Z') / 60_000);
    const resources = [...production, ...hourly];
    const cluster = { job: { name: `hourly-${job}-${time}`, uid }, resources, secrets: {} };
    const { status, stderr, summary } = dryRun(resource, cluster);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(summary).toMatchObject({ job, ds: '2027-01-01', status: 'planned' });
  });
});

describe('a pod of capture', () => {
  const [resource] = overlay('production-capture').filter((one) => containers(one).length > 0);
  const wanted = (secret: Readonly<Record<string, string>>) => ({
    job: { name: `capture-purchases-${due}`, uid },
    resources: production,
    secrets: { 'capture-purchases': secret },
  });

  it('needs no day, and its Secret wins over the ConfigMap', () => {
    const secret = { SOURCE_DATABASE_SECRET_ARN: `${arn}capture-AbCdEf` };
    const cluster = wanted(secret);
    expect(podStart(resource ?? {}, cluster).env).toMatchObject(secret);
    const { status, stderr, summary } = dryRun(resource ?? {}, cluster);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(summary).toMatchObject({ status: 'planned', slot: 'user_behaviour', resets: false });
  });
});

describe('a pod of a backfill', () => {
  it.each(started(backfill))('of %s does the day of its index', (job, resource) => {
    const cluster = {
      job: { name: `backfill-${job}`, uid, index: 30 },
      resources: production,
      secrets: {},
    };
    const run = resumed.includes(job) ? `${uid}-30` : ofItsOwn;
    const { status, summary } = dryRun(resource, cluster);
    expect(status).toBe(0);
    expect(summary).toMatchObject({ job, ds: '2010-12-31', run, status: 'planned' });
  });

  it('finds its first day and its number of days where days.yaml changes them', () => {
    for (const [, resource] of started(backfill)) {
      const { completions, maxFailedIndexes } = values(resource['spec']);
      expect(maxFailedIndexes).toBe(completions);
      const [first] = Object.values(values(containers(resource)[0]?.['env']));
      expect(first).toEqual({ name: 'BACKFILL_FROM', value: '2010-12-01' });
    }
  });
});

it('the pod of health understands its arguments and variables', () => {
  const resource = production.find((one) => containers(one).some(({ name }) => name === 'health'));
  const cluster = { job: { name: `health-${due}`, uid }, resources: production, secrets };
  const start = podStart(resource ?? {}, cluster);
  expect(start.env).toMatchObject({ ...secrets.health });
  const main = join(packages, 'operator/src/main.ts');
  const argv = ['--disable-warning=ExperimentalWarning', main, ...start.args];
  // Ends with the first thing that is read after all of them.
  const wrong = { HISTORY_END: '2000-01-01' };
  const { status, stderr } = spawnSync(execPath, argv, {
    env: { PATH: env['PATH'], ...start.env, ...wrong },
    encoding: 'utf8',
  });
  expect(stderr).toContain('operator: HISTORY_END=2000-01-01 is before HISTORY_START=');
  expect(status).toBe(78);
});

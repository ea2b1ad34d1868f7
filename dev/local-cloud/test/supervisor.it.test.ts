/** `up`, `down` and `status` as people run them, with all four services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { workspaceRoot } from '../src/installation.ts';
import { identify } from '../src/process-identity.ts';
import { cloudPlace } from './cloud-place.ts';
import { patience, s3Client } from './scratch.ts';
import { sql } from './source-database.ts';

describe('up and down', () => {
  it('keep data, ports and other lines of the environment file; a second up changes nothing', async () => {
    await using cloud = await cloudPlace();
    expect(await cloud.command('up')).toMatch(/up after .* s/);
    const env = cloud.env();
    const { supervisor } = cloud.status();
    expect(statSync(cloud.envFile).mode & 0o777).toBe(0o600);
    // A file that was removed or edited is written again.
    writeFileSync(cloud.envFile, readFileSync(cloud.envFile, 'utf8').replaceAll('127.0.0.1', 'x'));
    expect(await cloud.command('up')).toContain('is already up');
    expect(cloud.env()).toEqual(env);
    expect(cloud.status().supervisor).toEqual(supervisor);

    await sql(env['SOURCE_DATABASE_URL'], 'create table kept as select 42 as answer');
    const object = { Bucket: env['PIPELINE_BUCKET'], Key: 'kept' };
    using s3 = disposable(s3Client(env));
    await s3.client.send(new PutObjectCommand({ ...object, Body: 'still here' }));
    await appendFile(cloud.envFile, 'REVIEWS_SOURCE=/data/reviews.csv\n');

    const running = join(cloud.stateDir, '../running');
    mkdirSync(running);
    const program = ['-e', 'setInterval(() => {}, 1000)', 'packages/operator/src/main.ts'];
    const backfill = spawn(process.execPath, program, { cwd: workspaceRoot });
    using elsewhere = disposableProcess(spawn(process.execPath, program, { cwd: tmpdir() }));
    const ended = once(backfill, 'exit');
    writeFileSync(join(running, String(backfill.pid)), 'backfill 2010-12-01');
    writeFileSync(join(running, '999999999'), 'backfill 2010-12-02');
    // Of another checkout, and of another program: each has got the number of one that was killed.
    writeFileSync(join(running, String(elsewhere.pid)), 'backfill 2010-12-02');
    writeFileSync(join(running, String(process.pid)), 'backfill 2010-12-03');
    const said = await cloud.command('down');
    expect(said).toMatch(/stopped after .* s/);
    expect(said).toContain(`backfill 2010-12-01 is running (process ${String(backfill.pid)})`);
    expect(said).not.toMatch(/2010-12-0[23]/);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(identify(elsewhere.pid)).toBeDefined();
    expect(identify(supervisor.pid)).toBeUndefined();
    expect(await cloud.command('down')).toContain('is not up');
    await expect(cloud.command('status')).rejects.toMatchObject({ code: 1 });

    await cloud.command('up');
    const reviews = { REVIEWS_SOURCE: '/data/reviews.csv' };
    expect(lasting(cloud.env())).toEqual({ ...lasting(env), ...reviews });
    expect(await cloud.command('status')).toMatch(/redshift +ready/);
    expect(await sql(cloud.env()['SOURCE_DATABASE_URL'], 'select answer from kept')).toEqual([
      { answer: 42 },
    ]);
    const { Body } = await s3.client.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('still here');
  });

  it('start one cloud when two up run at once', async () => {
    await using cloud = await cloudPlace();
    const said = await Promise.all([cloud.command('up'), cloud.command('up')]);
    expect(said).toEqual([
      expect.stringMatching(/up after|already up/),
      expect.stringMatching(/up after|already up/),
    ]);
    const { services, state } = cloud.status();
    expect(state).toBe('ready');
    for (const service of ['postgres', 's3', 'emr', 'redshift']) {
      const log = readFileSync(join(cloud.stateDir, 'logs/supervisor.log'), 'utf8');
      expect(log.split(`${service} ready after`), service).toHaveLength(2);
    }
    expect(services.map(({ restarts }) => restarts)).toEqual([0, 0, 0, 0]);
  });
});

/** Without the passwords, which each start makes anew. */
const lasting = (env: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => name !== 'REDSHIFT_PASSWORD')
      .map(([name, value]) => [name, value.replace(/^(postgres:\/\/\w+):[^@]+@/, '$1@')]),
  );

/** What a command that fails tells. */
const failure = (words: RegExp, code: number) => ({
  code,
  stderr: expect.stringMatching(words) as unknown,
});

describe('data', () => {
  it('of another release are refused with what to do, and reset removes them', async () => {
    await using cloud = await cloudPlace();
    // Another project's AWS settings do not disturb the services.
    const foreign = { AWS_PROFILE: 'nobody', AWS_ACCESS_KEY_ID: 'x', AWS_REGION: 'eu-north-1' };
    await cloud.command('up', foreign);
    const { services } = cloud.status();
    const s3 = services.find(({ name }) => name === 's3');
    expect(await cloud.command('up', { LOCAL_CLOUD_S3_PORT: '9' })).toContain(
      `s3 keeps port ${s3?.port} until make down; then 9 is used`,
    );
    await cloud.command('down');

    const release = join(cloud.stateDir, 'postgres/PG_VERSION');
    const current = readFileSync(release, 'utf8');
    writeFileSync(release, '9\n');
    await expect(cloud.command('up')).rejects.toMatchObject(
      failure(/is of PostgreSQL 9, not \d+\. .* make reset/, 1),
    );
    writeFileSync(release, current);
    const state = join(cloud.stateDir, 'state.json');
    writeFileSync(state, readFileSync(state, 'utf8').replace('"version": 1', '"version": 2'));
    await expect(cloud.command('up')).rejects.toMatchObject(
      failure(/state\.json is not as this release writes it\. .* make reset/, 1),
    );

    await appendFile(cloud.envFile, 'REVIEWS_SOURCE=/data/reviews.csv\nMIN_QUANTITY=5\n');
    await expect(cloud.command('reset')).rejects.toMatchObject(failure(/YES=1/, 64));
    expect(existsSync(release)).toBe(true);
    await cloud.command('reset', { YES: '1' });
    expect(existsSync(cloud.stateDir)).toBe(false);
    expect(readFileSync(cloud.envFile, 'utf8')).toBe('MIN_QUANTITY=5\n');
    // What a killed reset leaves.
    mkdirSync(join(`${cloud.stateDir}.removed`, 'postgres'), { recursive: true });
    expect(await cloud.command('reset', { YES: '1' })).toContain('removed');
    expect(existsSync(`${cloud.stateDir}.removed`)).toBe(false);
  });
});

describe('kill -9', () => {
  it('of each service: it is restarted on its port', async () => {
    await using cloud = await cloudPlace();
    await cloud.command('up');
    const before = cloud.status().services;
    for (const { pid } of before) process.kill(pid ?? 0, 'SIGKILL');
    const after = await vi.waitUntil(() => {
      const { services } = cloud.status();
      return services.every(({ state, restarts }) => state === 'ready' && restarts === 1)
        ? services
        : undefined;
    }, patience);
    expect(after.map(({ port }) => port)).toEqual(before.map(({ port }) => port));
    const log = readFileSync(join(cloud.stateDir, 'logs/supervisor.log'), 'utf8');
    for (const { name } of before) expect(log).toContain(`${name} was ended by SIGKILL`);
  });

  it('of the supervisor: the next up stops the leftovers and keeps all data', async () => {
    await using cloud = await cloudPlace();
    await cloud.command('up');
    const env = cloud.env();
    await sql(env['SOURCE_DATABASE_URL'], 'create table kept as select 42 as answer');
    const { supervisor, services } = cloud.status();
    process.kill(supervisor.pid, 'SIGKILL');
    await vi.waitUntil(() => identify(supervisor.pid) === undefined, patience);
    await expect(cloud.command('status')).rejects.toMatchObject({
      stdout: expect.stringContaining('its supervisor was killed') as unknown,
    });
    await cloud.command('up');
    expect(lasting(cloud.env())).toEqual(lasting(env));
    expect(await sql(cloud.env()['SOURCE_DATABASE_URL'], 'select answer from kept')).toEqual([
      { answer: 42 },
    ]);
    const now = cloud.status().services.map(({ pid }) => pid);
    for (const { name, pid } of services) {
      expect(now, name).not.toContain(pid);
      expect(identify(pid ?? 0), name).toBeUndefined();
    }
  });
});

function disposableProcess(child: ChildProcess) {
  return {
    pid: child.pid ?? 0,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}

function disposable(client: ReturnType<typeof s3Client>) {
  return {
    client,
    [Symbol.dispose]: () => {
      client.destroy();
    },
  };
}

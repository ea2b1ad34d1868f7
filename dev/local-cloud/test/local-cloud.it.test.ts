/** The local cloud's Postgres, with the supervisor in this process. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLocalCloud } from '../src/local-cloud.ts';
import { StateInUse } from '../src/supervisor/state-lock.ts';
import { eventually, scratchFolder } from './scratch.ts';
import { sql } from './source-database.ts';

describe('the source database', () => {
  it('stores UTF-8 text and uses UTC, even below a folder that only its owner may enter', async () => {
    await using folder = await scratchFolder();
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    await using cloud = await startLocalCloud({
      stateDir: join(folder.path, 'state'),
      services: ['postgres'],
      ports: {},
    });
    const shown = await sql(
      cloud.env['SOURCE_DATABASE_URL'],
      `select current_database() as database, current_setting('timezone') as zone, length('é') as one`,
    );
    expect(shown).toEqual([{ database: 'retail', zone: 'UTC', one: 1 }]);
  });

  it('requires the password', async () => {
    await using folder = await scratchFolder();
    await using cloud = await startLocalCloud({
      stateDir: folder.path,
      services: ['postgres'],
      ports: {},
    });
    const url = Object.assign(new URL(cloud.env['SOURCE_DATABASE_URL'] ?? ''), { password: 'no' });
    await expect(sql(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  });
});

describe('a service that crashes', () => {
  it('is restarted on its port, with its data', async () => {
    await using folder = await scratchFolder();
    await using cloud = await startLocalCloud({
      stateDir: folder.path,
      services: ['postgres'],
      ports: {},
    });
    const url = cloud.env['SOURCE_DATABASE_URL'];
    await sql(url, 'create table kept as select 42 as answer');
    const before = cloud.services[0];
    process.kill(before?.pid ?? 0, 'SIGKILL');
    const after = await eventually('the restart', () =>
      cloud.services.find(({ state, restarts }) => state === 'ready' && restarts === 1),
    );
    expect(after.port).toBe(before?.port);
    expect(after.pid).not.toBe(before?.pid);
    expect(await sql(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('stops the cloud if it keeps crashing, and the error names it and its log', async () => {
    await using folder = await scratchFolder();
    const failures: string[] = [];
    await using cloud = await startLocalCloud({
      stateDir: folder.path,
      services: ['postgres'],
      ports: {},
      onFailure: ({ message }) => failures.push(message),
    });
    const killed = new Set<number>();
    const message = await eventually('the failure', () => {
      const pid = cloud.services[0]?.pid;
      if (pid !== undefined && !killed.has(pid)) {
        killed.add(pid);
        process.kill(pid, 'SIGKILL');
      }
      return failures[0];
    });
    expect(message).toMatch(/^postgres ended 6 times within a minute/);
    expect(message).toContain(join(folder.path, 'logs/postgres.log'));
    expect(cloud.services[0]?.state).toBe('failed');
  });
});

describe('a state directory', () => {
  it('allows one cloud at a time', async () => {
    await using folder = await scratchFolder();
    const options = { stateDir: folder.path, services: ['postgres'], ports: {} } as const;
    await using cloud = await startLocalCloud(options);
    await expect(startLocalCloud(options)).rejects.toThrow(StateInUse);
    expect(cloud.services.map(({ state }) => state)).toEqual(['ready']);
  });

  it('replaces a remembered port that is taken, and rejects a configured one', async () => {
    await using one = await scratchFolder();
    await using two = await scratchFolder();
    await using first = await startLocalCloud({
      stateDir: one.path,
      services: ['postgres'],
      ports: {},
    });
    const taken = first.services[0]?.port ?? 0;
    const options = { stateDir: two.path, services: ['postgres'] } as const;
    await expect(startLocalCloud({ ...options, ports: { postgres: taken } })).rejects.toThrow(
      `port ${taken} for postgres is taken: free it, or choose another one with LOCAL_CLOUD_POSTGRES_PORT`,
    );
    await using second = await startLocalCloud({ ...options, ports: {} });
    expect(second.services[0]?.port).not.toBe(taken);
  });
});

/** What another user of this machine can read of a local cloud: nothing. */
import { execFile } from 'node:child_process';
import { chmodSync, globSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { keyPairOf } from '../src/key-pair.ts';
import { cloudPlace } from './cloud-place.ts';
import { s3Client } from './scratch.ts';
import { sql } from './source-database.ts';

/** As `nobody`, if this process may become another user. */
const read = (path: string) =>
  promisify(execFile)('cat', [path], process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {});

const isOpen = (path: string): boolean => {
  const stat = lstatSync(path);
  return !stat.isSymbolicLink() && (stat.mode & 0o077) !== 0;
};

it('no file or folder, whatever the caller’s umask and what an older release left', async () => {
  await using cloud = await cloudPlace();
  // Everybody may enter the folders above.
  chmodSync(dirname(cloud.stateDir), 0o755);
  const umask = process.umask(0o022);
  try {
    await cloud.command('up');
  } finally {
    process.umask(umask);
  }
  const client = s3Client(cloud.env());
  const object = { Bucket: cloud.env()['PIPELINE_BUCKET'], Key: 'folder/object' };
  await client.send(new PutObjectCommand({ ...object, Body: 'private' }));
  client.destroy();

  const below = globSync('**/*', { cwd: cloud.stateDir }).map((path) => join(cloud.stateDir, path));
  const paths = [cloud.stateDir, ...below];
  expect(paths.length).toBeGreaterThan(100);
  expect([cloud.envFile, ...paths].filter(isOpen)).toEqual([]);
  const { secretAccessKey } = keyPairOf(cloud.env());
  const secrets = [cloud.envFile, join(cloud.stateDir, 'state.json')];
  for (const path of secrets) {
    expect(readFileSync(path, 'utf8')).toContain(secretAccessKey);
    if (process.getuid?.() === 0) await expect(read(path)).rejects.toThrow('Permission denied');
  }

  // The next `up` closes what was opened.
  for (const path of [cloud.stateDir, cloud.envFile]) chmodSync(path, 0o755);
  await cloud.command('up');
  expect(isOpen(cloud.envFile)).toBe(false);
  await cloud.command('down');
  await cloud.command('up');
  expect(isOpen(cloud.stateDir)).toBe(false);
});

it('not the command line of a process, which holds no key', async () => {
  await using cloud = await cloudPlace();
  await cloud.command('up');
  const { accessKeyId, secretAccessKey } = keyPairOf(cloud.env());
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'command=']);
  expect(stdout).toContain(cloud.stateDir);
  expect(stdout).not.toContain(accessKeyId);
  expect(stdout).not.toContain(secretAccessKey);
});

it('a password of the warehouse that is of use elsewhere, or after a restart', async () => {
  await using cloud = await cloudPlace();
  await cloud.command('up');
  const first = cloud.env();
  const ofSource = new URL(first['SOURCE_DATABASE_URL'] ?? '').password;
  expect(first['REDSHIFT_PASSWORD']).not.toBe(decodeURIComponent(ofSource));
  await cloud.command('up');
  expect(cloud.env()).toEqual(first);

  await cloud.command('down');
  await cloud.command('up');
  expect(cloud.env()['REDSHIFT_PASSWORD']).not.toBe(first['REDSHIFT_PASSWORD']);
  expect(await sql(cloud.env()['REDSHIFT_URL'], 'select 1 as one')).toEqual([{ one: 1 }]);
  await expect(sql(first['REDSHIFT_URL'], 'select 1 as one')).rejects.toThrow('password');
});

it('each cloud has another key pair, and keeps it', async () => {
  await using one = await cloudPlace();
  await using two = await cloudPlace();
  // One after the other: both prefer the same port for the warehouse.
  await one.command('up');
  await two.command('up');
  const pair = keyPairOf(one.env());
  expect(pair.accessKeyId).toMatch(/^LOCAL[A-Z2-7]{15}$/);
  expect(pair.secretAccessKey).toMatch(/^[0-9a-f]{40}$/);
  expect(keyPairOf(two.env()).accessKeyId).not.toBe(pair.accessKeyId);
  expect(keyPairOf(two.env()).secretAccessKey).not.toBe(pair.secretAccessKey);
  await one.command('down');
  await one.command('up');
  expect(keyPairOf(one.env())).toEqual(pair);
  // A cloud that an older release runs has none: its clients would be refused with a new one.
  const state = join(one.stateDir, 'state.json');
  const older = JSON.parse(readFileSync(state, 'utf8')) as Record<string, unknown>;
  writeFileSync(state, JSON.stringify({ ...older, keys: undefined }));
  await expect(one.command('up')).rejects.toMatchObject({
    stderr: expect.stringContaining('was started by an older release: make down') as unknown,
  });
  expect(keyPairOf(one.env())).toEqual(pair);
});

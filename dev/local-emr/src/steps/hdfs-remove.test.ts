import { existsSync } from 'node:fs';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hdfsRemove } from './hdfs-remove.ts';

const remove = ['dfs', '-rm', '-r', '-f', '-skipTrash'];

it('removes folders with all that is in them, and nothing else', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hdfs-'));
  for (const name of ['a/b', 'a/c', 'd']) {
    await mkdir(join(folder.path, name), { recursive: true });
    await writeFile(join(folder.path, name, 'file'), 'x');
  }
  await hdfsRemove([...remove, 'hdfs:///a/b', '/d', 'hdfs:///missing'], folder.path);
  expect(['a/b', 'a/c', 'd'].map((name) => existsSync(join(folder.path, name)))).toEqual([
    false,
    true,
    false,
  ]);
});

it('fails for a missing folder without -f', async () => {
  await expect(hdfsRemove(['dfs', '-rm', '-r', '/missing'], tmpdir())).rejects.toThrow('ENOENT');
});

it.each([
  [['dfs', '-ls', '/']],
  [['dfs', '-rm', '-r']],
  [['dfs', '-rm', '/a']],
  [['dfs', '-rm', '-r', '-now', '/a']],
  [[...remove, 's3://bucket/key']],
  [[...remove, '/']],
  [[...remove, '/a/../..']],
])('refuses %j', async (args) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hdfs-'));
  await expect(hdfsRemove(args, folder.path)).rejects.toThrow();
});

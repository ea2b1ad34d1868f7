import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { commitOf } from './measured-code.ts';

/** A hook of Git sets where its repository is, and the settings of a user may demand a signature. */
beforeEach(() => {
  for (const name of Object.keys(env)) if (name.startsWith('GIT_')) vi.stubEnv(name, undefined);
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it('each state of the code has its own name, and the documents are no code', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-code-'));
  const root = folder.path;
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: root,
    });
  const write = (path: string, text: string) => writeFile(join(root, path), text);
  await git('init', '--quiet');
  await mkdir(join(root, 'docs'));
  await write('job.ts', '1');
  await write('README.md', '1');
  await git('add', '.');
  await git('commit', '--quiet', '--message=first');

  const clean = await commitOf(root);
  expect(clean).toMatch(/^[0-9a-f]{10}$/);
  await write('README.md', '2');
  await write('docs/benchmarks.md', '2');
  expect(await commitOf(root)).toBe(clean);
  await git('add', '.');
  await git('commit', '--quiet', '--message=documents');
  expect(await commitOf(root)).toBe(clean);

  const names = [clean];
  for (const [path, text] of [
    ['job.ts', '2'],
    ['job.ts', '3'],
    ['new.ts', '1'],
    ['new.ts', '2'],
  ] as const) {
    await write(path, text);
    names.push(await commitOf(root));
  }
  expect(new Set(names).size).toBe(5);
  expect(names[4]).toMatch(/^[0-9a-f]{10} with changes [0-9a-f]{8}$/);
  await git('add', 'new.ts');
  expect(await commitOf(root)).not.toBe(clean);
});

it('is unknown outside a repository', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-code-'));
  // The folder of temporary files may be inside one.
  vi.stubEnv('GIT_CEILING_DIRECTORIES', dirname(folder.path));
  expect(await commitOf(folder.path)).toBeUndefined();
});

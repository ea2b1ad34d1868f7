import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkSparkHome } from './spark-home.ts';

let scratch: string;
let installed: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'spark-home-'));
  installed = join(scratch, 'pyspark');
  for (const [folder, file] of [
    ['bin', 'spark-submit'],
    ['jars', 'core.jar'],
    ['python/lib', 'pyspark.zip'],
  ] as const) {
    await mkdir(join(installed, folder), { recursive: true });
    await writeFile(join(installed, folder, file), file);
  }
});

afterEach(async () => {
  await rm(scratch, { recursive: true });
});

it('leads to everything but the archives of Python', async () => {
  const home = await linkSparkHome(installed, join(scratch, 'state/spark'));
  expect((await readdir(home)).sort()).toEqual(['bin', 'jars']);
  expect(await readFile(join(home, 'jars/core.jar'), 'utf8')).toBe('core.jar');
});

it('is made anew, also after an attempt that was cut short, and harms nothing it leads to', async () => {
  const home = join(scratch, 'spark');
  await linkSparkHome(installed, home);
  await rm(join(home, 'jars'));
  await rm(join(installed, 'bin'), { recursive: true });
  await linkSparkHome(installed, home);
  expect(await readdir(home)).toEqual(['jars']);
  expect(await readFile(join(installed, 'jars/core.jar'), 'utf8')).toBe('core.jar');
});

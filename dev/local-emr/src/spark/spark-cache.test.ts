import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SparkCache } from './spark-cache.ts';

let directory: string;
let cache: SparkCache;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spark-cache-'));
  cache = new SparkCache(directory);
});

afterEach(() => rm(directory, { recursive: true }));

async function publish(name: string, content: string): Promise<void> {
  const draft = await cache.draft(name);
  await writeFile(draft, content);
  await cache.publish(draft, name);
}

/** Sets the time of the last use. */
async function age(name: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000);
  await utimes(join(directory, name), then, then);
}

it('replaces a published file, and keeps a published folder', async () => {
  await publish('a.jsa', 'first');
  await publish('a.jsa', 'second');
  expect(await readFile(cache.path('a.jsa'), 'utf8')).toBe('second');
  for (const content of ['first', 'second']) {
    const draft = await cache.draft('home');
    await mkdir(draft);
    await writeFile(join(draft, 'file'), content);
    await cache.publish(draft, 'home');
  }
  expect(await readFile(join(cache.path('home'), 'file'), 'utf8')).toBe('first');
  expect((await cache.names()).toSorted()).toEqual(['a.jsa', 'home']);
});

it('removes archives that were unused for a month, and drafts of killed processes', async () => {
  await publish('unused.jsa', 'x');
  await publish('used.jsa', 'x');
  await mkdir(cache.path('home'));
  await writeFile(cache.path('killed.1.draft'), 'x');
  await writeFile(cache.path('growing.1.draft'), 'x');
  expect(await cache.hasDraft('growing')).toBe(true);
  for (const name of ['unused.jsa', 'used.jsa', 'home']) await age(name, 31);
  await age('killed.1.draft', 0.01);
  expect(await cache.hasDraft('killed')).toBe(false);
  expect(await cache.touch('used.jsa')).toBe(true);
  await publish('new.jsa', 'x');
  expect((await cache.names()).toSorted()).toEqual([
    'growing.1.draft',
    'home',
    'new.jsa',
    'used.jsa',
  ]);
  expect(await cache.touch('unused.jsa')).toBe(false);
});

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

/** As if the file had last been used then. */
async function age(name: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000);
  await utimes(join(directory, name), then, then);
}

it('replaces a file, and keeps a folder that another has published', async () => {
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

it('drops archives that nobody used for a month, and drafts of the killed', async () => {
  await publish('unused.jsa', 'x');
  await publish('used.jsa', 'x');
  await mkdir(cache.path('home'));
  await writeFile(cache.path('killed.draft'), 'x');
  await writeFile(cache.path('growing.draft'), 'x');
  for (const name of ['unused.jsa', 'used.jsa', 'home']) await age(name, 31);
  await age('killed.draft', 0.1);
  expect(await cache.touch('used.jsa')).toBe(true);
  await publish('new.jsa', 'x');
  expect((await cache.names()).toSorted()).toEqual([
    'growing.draft',
    'home',
    'new.jsa',
    'used.jsa',
  ]);
  expect(await cache.touch('unused.jsa')).toBe(false);
});

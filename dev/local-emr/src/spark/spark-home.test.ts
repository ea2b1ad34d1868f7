import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SparkCache } from './spark-cache.ts';
import { fileSystemOf, linkSparkHome } from './spark-home.ts';

let scratch: string;
let installed: string;
let spark: { home: string; python: string; java: string };
let cache: SparkCache;

const python = async (script: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)('python3', ['-c', script, ...args])).stdout;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'spark-home-'));
  installed = join(scratch, 'pyspark');
  spark = { home: installed, python: 'python3', java: 'java' };
  cache = new SparkCache(join(scratch, 'cache'));
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

it('links to everything except the archives of Python modules', async () => {
  const home = await linkSparkHome(spark, cache);
  expect((await readdir(home)).sort()).toEqual(['bin', 'jars']);
  expect(await readFile(join(home, 'jars/core.jar'), 'utf8')).toBe('core.jar');
});

it('is created once, and again when a jar changes', async () => {
  const home = await linkSparkHome(spark, cache);
  const { ino } = await stat(home);
  expect(await linkSparkHome(spark, cache)).toBe(home);
  expect((await stat(home)).ino).toBe(ino);
  await writeFile(join(installed, 'jars/core.jar'), 'another release');
  const next = await linkSparkHome(spark, cache);
  expect(next).not.toBe(home);
  expect(await readFile(join(next, 'jars/core.jar'), 'utf8')).toBe('another release');
});

it('is complete if several processes create it at once', async () => {
  const homes = await Promise.all([1, 2, 3].map(() => linkSparkHome(spark, cache)));
  expect(new Set(homes).size).toBe(1);
  expect((await readdir(homes[0] ?? '')).sort()).toEqual(['bin', 'jars']);
  expect(await readdir(join(scratch, 'cache'))).toEqual([basename(homes[0] ?? '')]);
});

it('removes the signature of the jars that the class archive needs, and changes nothing else', async () => {
  const jar = join(installed, 'jars/janino-3.1.9.jar');
  const made = {
    'META-INF/MANIFEST.MF':
      'Manifest-Version: 1.0\r\nBuild-Jdk: 1.8\r\n\r\nName: A.class\r\nSHA-256-Digest: YQ==\r\n\r\n',
    'META-INF/DUMMY.SF': 'signed',
    'META-INF/DUMMY.DSA': 'key',
    'META-INF/maven/pom.xml': '<project/>',
    'A.class': 'class',
  };
  const write =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as jar:\n for n, c in json.loads(sys.argv[2]).items(): jar.writestr(n, c)';
  await python(write, jar, JSON.stringify(made));
  const longAgo = new Date('2020-01-02T03:04:05Z');
  await utimes(jar, longAgo, longAgo);
  const before = await readFile(jar);

  const copy = join(await linkSparkHome(spark, cache), 'jars/janino-3.1.9.jar');

  const read =
    'import json, sys, zipfile; jar = zipfile.ZipFile(sys.argv[1]); print(json.dumps({n: jar.read(n).decode() for n in jar.namelist()}))';
  expect(JSON.parse(await python(read, copy))).toEqual({
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\nBuild-Jdk: 1.8\r\n\r\n',
    'META-INF/maven/pom.xml': '<project/>',
    'A.class': 'class',
  });
  expect((await stat(copy)).mtime).toEqual(longAgo);
  expect(await readFile(jar)).toEqual(before);
});

it('names the jar that cannot be read, and leaves nothing behind', async () => {
  const jar = join(installed, 'jars/janino-3.1.9.jar');
  await writeFile(jar, 'cut short');
  const error = (await linkSparkHome(spark, cache).catch((reason: unknown) => reason)) as Error;
  const copies = join(scratch, 'cache');
  const [before, after = ''] = error.message.split(copies);
  expect(before).toBe(`${jar} cannot be copied to `);
  expect(after).toMatch(/^\/\S+: zipfile\.BadZipFile: File is not a zip file$/);
  expect(await readdir(copies)).toEqual([]);
});

it('uses the class of Hadoop for local files if Spark has no Scala compiler', async () => {
  expect(fileSystemOf(await linkSparkHome(spark, cache))).toMatch(/\.RawLocalFileSystem$/);
});

it('says why its file system cannot be compiled, and leaves nothing behind', async () => {
  for (const jar of ['scala-compiler-2.12.18.jar', 'hadoop-client-api-3.3.4.jar']) {
    await writeFile(join(installed, 'jars', jar), jar);
  }
  const java = join(scratch, 'java');
  await writeFile(java, '#!/bin/sh\necho "Invalid or corrupt jarfile"\nexit 1\n');
  await chmod(java, 0o700);
  await expect(linkSparkHome({ ...spark, java }, cache)).rejects.toThrow(
    /LocalFiles\.scala cannot be compiled with \/\S+\/jars: Invalid or corrupt jarfile$/,
  );
  await expect(linkSparkHome({ ...spark, java: join(scratch, 'none') }, cache)).rejects.toThrow(
    /jars: spawn \S+ ENOENT$/,
  );
  expect(await readdir(join(scratch, 'cache'))).toEqual([]);
});

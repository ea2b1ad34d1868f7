import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClassArchive } from './class-archive.ts';
import { SparkCache } from './spark-cache.ts';
import type { SparkInstallation } from './spark-environment.ts';

const GOOD = { succeeded: true, crashed: false };
const FAILED = { succeeded: false, crashed: false };
let SPARK: SparkInstallation;
let directory: string;
let jvm: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'emr-classes-'));
  jvm = await mkdtemp(join(tmpdir(), 'emr-jvm-'));
  await mkdir(join(jvm, 'lib/server'), { recursive: true });
  await writeFile(join(jvm, 'lib/server/classes.jsa'), '');
  SPARK = { home: '/spark', python: 'python', javaHome: undefined, java: join(jvm, 'bin/java') };
});

afterEach(async () => {
  await rm(directory, { recursive: true });
  await rm(jvm, { recursive: true });
});

const option = (options: readonly string[], name: string): string | undefined =>
  options.find((one) => one.startsWith(name))?.slice(name.length);

/** The run that creates the archive: the second one. */
async function creatingRun(archive: ClassArchive, spark = SPARK) {
  const first = await archive.forRun(spark);
  const isCreating = option(first.javaOptions, '-XX:ArchiveClassesAtExit=') !== undefined;
  return isCreating ? first : archive.forRun(spark);
}

/** Creates an archive as the JVM does at exit. */
async function makeOne(
  archive: ClassArchive,
  spark?: SparkInstallation,
  how = GOOD,
): Promise<void> {
  const { javaOptions, end } = await creatingRun(archive, spark);
  await writeFile(option(javaOptions, '-XX:ArchiveClassesAtExit=') ?? '', 'classes');
  await end(how);
}

const used = async (archive: ClassArchive, spark = SPARK): Promise<string | undefined> =>
  option((await archive.forRun(spark)).javaOptions, '-XX:SharedArchiveFile=');

it('is created by the second run, if that succeeds, and used by the next', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  const { javaOptions } = await archive.forRun(SPARK);
  expect(option(javaOptions, '-XX:ArchiveClassesAtExit=')).toBeUndefined();
  await makeOne(archive);
  const files = await readdir(directory);
  expect(files).toEqual([expect.stringMatching(/-7\.jsa$/)]);
  expect(await used(archive)).toBe(join(directory, files[0] ?? ''));
});

it('is not kept from a failed run', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  await makeOne(archive, SPARK, FAILED);
  expect(await readdir(directory)).toEqual([expect.stringMatching(/\.asked$/)]);
  expect(await used(archive)).toBeUndefined();
});

it('is created by one run at a time, even of another cloud', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  const first = await creatingRun(archive);
  const second = await new ClassArchive(new SparkCache(directory)).forRun(SPARK);
  expect(option(first.javaOptions, '-XX:ArchiveClassesAtExit=')).toBeDefined();
  expect(option(second.javaOptions, '-XX:ArchiveClassesAtExit=')).toBeUndefined();
  await first.end(FAILED);
  expect(
    option((await archive.forRun(SPARK)).javaOptions, '-XX:ArchiveClassesAtExit='),
  ).toBeDefined();
});

it('is not used if it is truncated, nor after a JVM has crashed with it', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  await makeOne(archive);
  const [file = ''] = await readdir(directory);
  await truncate(join(directory, file), 3);
  await makeOne(archive);
  expect(await readdir(directory)).toEqual([file]);
  await (await archive.forRun(SPARK)).end({ succeeded: false, crashed: true });
  expect(await used(archive)).toBeUndefined();
});

it('is for one Java and one Spark only', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  await makeOne(archive);
  const other = { ...SPARK, java: join(jvm, 'bin/other') };
  await makeOne(archive, other);
  expect(await readdir(directory)).toHaveLength(2);
  expect(await used(archive)).toBeDefined();
  expect(await used(archive, other)).not.toBe(await used(archive));
});

it("is for one archive of Java's own classes only", async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  await makeOne(archive);
  await writeFile(join(jvm, 'lib/server/classes.jsa'), 'made anew');
  expect(await used(archive)).toBeUndefined();
});

it('is shared with another cloud, even if both created one at once', async () => {
  const clouds = [1, 2].map(() => new ClassArchive(new SparkCache(directory)));
  await new ClassArchive(new SparkCache(directory)).forRun(SPARK);
  const runs = await Promise.all(clouds.map((archive) => archive.forRun(SPARK)));
  for (const { javaOptions, end } of runs) {
    const draft = option(javaOptions, '-XX:ArchiveClassesAtExit=');
    if (draft !== undefined) await writeFile(draft, 'classes');
    await end(GOOD);
  }
  expect(await readdir(directory)).toEqual([expect.stringMatching(/-7\.jsa$/)]);
  for (const archive of clouds) expect(await used(archive)).toBeDefined();
});

it('is not used when a jar of Spark has changed', async () => {
  const home = await mkdtemp(join(directory, 'spark-'));
  const spark = { ...SPARK, home };
  await mkdir(join(home, 'jars'));
  await writeFile(join(home, 'jars/core.jar'), 'before');
  const archive = new ClassArchive(new SparkCache(join(directory, 'classes')));
  await makeOne(archive, spark);
  expect(await used(archive, spark)).toBeDefined();
  await writeFile(join(home, 'jars/core.jar'), 'afterwards');
  expect(await used(archive, spark)).toBeUndefined();
});

it('goes with the C1 compiler alone for small input', async () => {
  const archive = new ClassArchive(new SparkCache(directory));
  await makeOne(archive);
  const light = async (bytes: number) =>
    (await archive.forRun(SPARK, bytes)).javaOptions.includes('-XX:TieredStopAtLevel=1');
  expect(await light(1_306_280)).toBe(true);
  expect(await light(1_306_280 * 374)).toBe(false);
});

it('is not created by a Java without an archive of its own classes', async () => {
  await rm(join(jvm, 'lib/server/classes.jsa'));
  const { javaOptions } = await new ClassArchive(new SparkCache(directory)).forRun(SPARK);
  expect(option(javaOptions, '-XX:ArchiveClassesAtExit=')).toBeUndefined();
});

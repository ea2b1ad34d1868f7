import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkSparkHome } from './spark-home.ts';

let scratch: string;
let installed: string;
let spark: { home: string; python: string };

const python = async (script: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)('python3', ['-c', script, ...args])).stdout;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'spark-home-'));
  installed = join(scratch, 'pyspark');
  spark = { home: installed, python: 'python3' };
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
  const home = await linkSparkHome(spark, join(scratch, 'state/spark'));
  expect((await readdir(home)).sort()).toEqual(['bin', 'jars']);
  expect(await readFile(join(home, 'jars/core.jar'), 'utf8')).toBe('core.jar');
});

it('is made anew, also after an attempt that was cut short, and harms nothing it leads to', async () => {
  const home = join(scratch, 'spark');
  await linkSparkHome(spark, home);
  await rm(join(home, 'jars/core.jar'));
  await rm(join(installed, 'bin'), { recursive: true });
  await linkSparkHome(spark, home);
  expect(await readdir(home)).toEqual(['jars']);
  expect(await readFile(join(installed, 'jars/core.jar'), 'utf8')).toBe('core.jar');
});

it('has no signature on the jars whose classes an archive is to hold, and changes nothing else of them', async () => {
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

  const copy = join(await linkSparkHome(spark, join(scratch, 'spark')), 'jars/janino-3.1.9.jar');

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

it('names the jar that cannot be read', async () => {
  const jar = join(installed, 'jars/janino-3.1.9.jar');
  await writeFile(jar, 'cut short');
  await expect(linkSparkHome(spark, join(scratch, 'spark'))).rejects.toThrow(
    /janino-3\.1\.9\.jar cannot be copied to \S+: zipfile\.BadZipFile: File is not a zip file$/,
  );
});

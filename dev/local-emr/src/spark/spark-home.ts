/** A Spark home that starts faster than the one that pip installs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { fingerprint, type SparkCache } from './spark-cache.ts';
import {
  findSpark,
  noCounters,
  type SparkInstallation,
  type SparkSettings,
} from './spark-environment.ts';

/** Contains pyspark and py4j again, as zip files of source. Spark puts these first on the path, and Python does not cache what it compiles from a zip file. */
const archives = 'python';
/** Janino, which compiles each query, is signed with a meaningless key (`DUMMY`). */
const signed = /^(?:janino|commons-compiler)-.*\.jar$/;

/** Another one for each change of what `link` makes: the programs that share a home are different files when packed. */
const layout = 'layout 1';

const unsignedJar = join(import.meta.dirname, 'unsigned_jar.py');
const localFiles = join(import.meta.dirname, 'LocalFiles.scala');
const localFilesJar = join('jars', 'local-files.jar');
/** Of the shell that a Spark distribution contains. */
const scalaCompiler = /^scala-(?:compiler|library|reflect)-[.\d]+\.jar$/;

type Installed = Pick<SparkInstallation, 'home' | 'python' | 'java'>;

/** Hadoop's class for files of this machine; neither writes .crc files. */
export const fileSystemOf = (home: string): string =>
  existsSync(join(home, localFilesJar))
    ? 'localemr.LocalFiles'
    : 'org.apache.hadoop.fs.RawLocalFileSystem';

/** The installed Spark, with the home below. @throws if there is no Python, PySpark or Java. */
export async function prepareSpark(
  settings: SparkSettings,
  cache: SparkCache,
): Promise<SparkInstallation> {
  const installed = await findSpark(settings);
  // The linked home relies on the Python modules that pip has installed; a distribution brings its own.
  if (settings.sparkHome !== undefined) return installed;
  return { ...installed, home: await linkSparkHome(installed, cache) };
}

/**
 * Creates a folder with links to everything in an installed PySpark except the zip files, so that Python uses the
 * compiled modules, and with unsigned copies of the signed jars, so that the class archive can contain their classes.
 * This saves most of a second for each step. Spark's own Scala compiles `LocalFiles` into the folder. All clouds share
 * it, because the JVM uses the archive only if the jars have the same paths.
 */
export async function linkSparkHome(installed: Installed, cache: SparkCache): Promise<string> {
  const jars = (await readdir(join(installed.home, 'jars'))).map((jar) =>
    join(installed.home, 'jars', jar),
  );
  const texts = await Promise.all([unsignedJar, localFiles].map((file) => readFile(file, 'utf8')));
  const name = `spark-${await fingerprint(jars.sort(), layout, ...texts)}`;
  if (!existsSync(cache.path(name))) {
    const draft = await cache.draft(name);
    try {
      await link(installed, jars, draft);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
    await cache.publish(draft, name);
  }
  return cache.path(name);
}

async function link(
  { home, python, java }: Installed,
  jars: readonly string[],
  directory: string,
): Promise<void> {
  await mkdir(join(directory, 'jars'), { recursive: true });
  for (const name of await readdir(home)) {
    if (name !== archives && name !== 'jars')
      await symlink(join(home, name), join(directory, name));
  }
  for (const jar of jars) {
    const own = join(directory, 'jars', basename(jar));
    if (signed.test(basename(jar))) await unsign(python, jar, own);
    else await symlink(jar, own);
  }
  await compile(java, join(directory, 'jars'), join(directory, localFilesJar));
}

/** Does nothing if the jars include no Scala compiler or no API of Hadoop. */
async function compile(java: string, jars: string, jar: string): Promise<void> {
  const all = await readdir(jars);
  const compiler = all.filter((name) => scalaCompiler.test(name));
  const hadoop = all.filter((name) => name.startsWith('hadoop-client-api-'));
  if (!compiler.some((name) => name.startsWith('scala-compiler-')) || hadoop.length === 0) return;
  const pathOf = (names: readonly string[]) =>
    names.map((name) => join(jars, name)).join(delimiter);
  const options = [
    '-XX:+IgnoreUnrecognizedVMOptions',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
  ];
  const args = [
    ...[...options, noCounters, '-cp', pathOf(compiler), 'scala.tools.nsc.Main'],
    ...['-nowarn', '-classpath', pathOf([...compiler, ...hadoop]), '-d', jar, localFiles],
  ];
  // Without the caller's settings for Java.
  const env = { PATH: process.env['PATH'] };
  await promisify(execFile)(java, args, { env }).catch((error: unknown) => {
    const { stdout, stderr, message } = error as Error & Record<'stdout' | 'stderr', string>;
    const [why = ''] = (`${stdout}${stderr}`.trim() || message).split('\n');
    throw new Error(`${localFiles} cannot be compiled with ${jars}: ${why}`, { cause: error });
  });
}

async function unsign(python: string, jar: string, copy: string): Promise<void> {
  await promisify(execFile)(python, [unsignedJar, jar, copy]).catch((error: unknown) => {
    const { stderr = '' } = error as { readonly stderr?: string };
    const why = stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`${jar} cannot be copied to ${copy}: ${why}`, { cause: error });
  });
}

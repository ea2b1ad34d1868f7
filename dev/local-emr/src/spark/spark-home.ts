/** A Spark home that starts sooner than the one pip installs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { fingerprint, type SparkCache } from './spark-cache.ts';

/** Holds pyspark and py4j again, as zip files of source: Spark puts these first, and Python keeps nothing it compiles of them. */
const archives = 'python';
/** Janino, which compiles each query, comes signed with a key that says nothing (`DUMMY`). */
const signed = /^(?:janino|commons-compiler)-.*\.jar$/;

const unsignedJar = join(import.meta.dirname, 'unsigned_jar.py');

interface Installed {
  readonly home: string;
  readonly python: string;
}

/**
 * A folder of links to all of an installed PySpark but the archives, so that Python takes the modules that pip
 * installed and compiled, and with unsigned copies of the signed jars, so that the archive of classes holds theirs:
 * most of a second less for each step. The JVM takes that archive only with jars of the same paths, so all
 * clouds share the folder.
 */
export async function linkSparkHome(installed: Installed, cache: SparkCache): Promise<string> {
  const jars = (await readdir(join(installed.home, 'jars'))).map((jar) =>
    join(installed.home, 'jars', jar),
  );
  const name = `spark-${await fingerprint([import.meta.filename, unsignedJar, ...jars.sort()])}`;
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
  { home, python }: Installed,
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
}

async function unsign(python: string, jar: string, copy: string): Promise<void> {
  await promisify(execFile)(python, [unsignedJar, jar, copy]).catch((error: unknown) => {
    const { stderr = '' } = error as { readonly stderr?: string };
    const why = stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`${jar} cannot be copied to ${copy}: ${why}`, { cause: error });
  });
}

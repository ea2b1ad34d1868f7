/** A Spark home that starts sooner than the one pip installs. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Holds pyspark and py4j again, as zip files of source: Spark puts these first, and Python keeps nothing it compiles of them. */
const archives = 'python';
/** Janino, which compiles each query, comes signed with a key that says nothing (`DUMMY`). */
const signed = /^(?:janino|commons-compiler)-.*\.jar$/;

interface Installed {
  readonly home: string;
  readonly python: string;
}

/**
 * Fills the directory with links to all of an installed PySpark but the archives, so that Python takes the
 * modules that pip installed and compiled, and with unsigned copies of the signed jars, so that the archive of
 * classes holds theirs: most of a second less for each step. Made anew at each call.
 */
export async function linkSparkHome(
  { home, python }: Installed,
  directory: string,
): Promise<string> {
  const jars = join(directory, 'jars');
  await rm(directory, { recursive: true, force: true });
  await mkdir(jars, { recursive: true });
  for (const name of await readdir(home)) {
    if (name !== archives && name !== 'jars')
      await symlink(join(home, name), join(directory, name));
  }
  for (const name of await readdir(join(home, 'jars'))) {
    const [jar, own] = [join(home, 'jars', name), join(jars, name)];
    if (signed.test(name)) await unsign(python, jar, own);
    else await symlink(jar, own);
  }
  return directory;
}

async function unsign(python: string, jar: string, copy: string): Promise<void> {
  const script = join(import.meta.dirname, 'unsigned_jar.py');
  await promisify(execFile)(python, [script, jar, copy]).catch((error: unknown) => {
    const { stderr = '' } = error as { readonly stderr?: string };
    const why = stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`${jar} cannot be copied to ${copy}: ${why}`, { cause: error });
  });
}

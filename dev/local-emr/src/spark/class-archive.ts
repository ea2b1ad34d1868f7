/**
 * An archive of the classes that Spark loads (JEP 350). The second run creates it, which takes it twice the time;
 * later ones start in half the time. Whoever runs once does not wait for the archive.
 */
import { existsSync } from 'node:fs';
import { readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fingerprint, type SparkCache } from './spark-cache.ts';
import type { SparkInstallation } from './spark-environment.ts';

/** A parallel collector does not help on one machine. */
const EVERY_RUN = ['-XX:+IgnoreUnrecognizedVMOptions', '-XX:+UseSerialGC'];
/** Below this the second compiler costs more than it saves (about a million reviews). */
const SHORT_RUN_BYTES = 96 * 1024 ** 2;
const jvmOptions = (inputBytes: number): readonly string[] =>
  inputBytes < SHORT_RUN_BYTES ? [...EVERY_RUN, '-XX:TieredStopAtLevel=1'] : EVERY_RUN;
/** Otherwise the JVM writes warnings about archives to stdout, among the script's lines. */
const QUIET = '-Xlog:disable';

interface ClassSharing {
  /** The JVM options for this run. */
  readonly javaOptions: readonly string[];
  /** Call once at the end of the run. Keeps the archive of a successful run and drops one with which the JVM crashed. */
  readonly end: (how: { succeeded: boolean; crashed: boolean }) => Promise<void>;
}

export class ClassArchive {
  readonly #cache: SparkCache;

  constructor(cache: SparkCache) {
    this.#cache = cache;
  }

  /** Without a matching archive, the second run creates one, unless another run is creating it. */
  async forRun(spark: SparkInstallation, inputBytes = 0): Promise<ClassSharing> {
    const options = jvmOptions(inputBytes);
    const base = await baseArchive(spark);
    const name = await archiveName(spark, base);
    const archive = await this.#find(name);
    if (archive !== undefined) return shared(archive, options);
    const isWanted = existsSync(base) && (await this.#cache.wasAskedFor(name));
    if (!isWanted || (await this.#cache.hasDraft(name))) {
      return { javaOptions: options, end: () => Promise.resolve() };
    }
    const draft = await this.#cache.draft(name);
    // Marks the draft until the JVM replaces it at exit.
    await writeFile(draft, '');
    return {
      javaOptions: [...options, `-XX:ArchiveClassesAtExit=${draft}`, QUIET],
      end: async ({ succeeded }) => {
        const size = await sizeOf(draft);
        if (succeeded && size !== undefined && size > 0) {
          await this.#cache.publish(draft, `${name}-${size}.jsa`);
        } else await rm(draft, { force: true });
      },
    };
  }

  /** The file name contains the size: the JVM maps the file, and crashes on a truncated one. */
  async #find(name: string): Promise<string | undefined> {
    for (const file of await this.#cache.names()) {
      const [, of, size] = /^(\w+)-(\d+)\.jsa$/.exec(file) ?? [];
      const path = this.#cache.path(file);
      if (of !== name || (await sizeOf(path)) !== Number(size)) continue;
      if (await this.#cache.touch(file)) return path;
    }
    return undefined;
  }
}

const sizeOf = async (path: string): Promise<number | undefined> =>
  (await stat(path).catch(() => undefined))?.size;

/** `auto`: the JVM ignores an archive that does not match. */
const shared = (archive: string, options: readonly string[]): ClassSharing => ({
  javaOptions: [...options, `-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', QUIET],
  end: async ({ crashed }) => {
    if (crashed) await rm(archive, { force: true });
  },
});

/** The archive of Java's own classes, on which ours builds. Not every Java has one; without it the JVM refuses. */
async function baseArchive({ java }: SparkInstallation): Promise<string> {
  const program = await realpath(java).catch(() => java);
  return join(dirname(program), '..', 'lib', 'server', 'classes.jsa');
}

/** Changes whenever the JVM or one of Spark's jars does. */
async function archiveName({ home, java }: SparkInstallation, base: string): Promise<string> {
  const program = await realpath(java).catch(() => java);
  const folder = join(home, 'jars');
  const jars = (await readdir(folder).catch(() => [])).sort();
  const modules = join(dirname(program), '..', 'lib', 'modules');
  return fingerprint([program, modules, base, ...jars.map((jar) => join(folder, jar))]);
}

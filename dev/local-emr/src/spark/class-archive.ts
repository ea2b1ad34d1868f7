/** An archive of the classes that Spark loads (JEP 350). The first run creates it; later ones start in half the time. */
import { existsSync } from 'node:fs';
import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fingerprint, type SparkCache } from './spark-cache.ts';
import type { SparkInstallation } from './spark-environment.ts';

/** One machine gains nothing from a parallel collector. */
const EVERY_RUN = ['-XX:+IgnoreUnrecognizedVMOptions', '-XX:+UseSerialGC'];
/** Below this the second compiler costs more than it saves (about a million reviews). */
const SHORT_RUN_BYTES = 96 * 1024 ** 2;
const jvmOptions = (inputBytes: number): readonly string[] =>
  inputBytes < SHORT_RUN_BYTES ? [...EVERY_RUN, '-XX:TieredStopAtLevel=1'] : EVERY_RUN;
/** The JVM would write its remarks about archives to stdout, among the script's own lines. */
const QUIET = '-Xlog:disable';

interface ClassSharing {
  /** Options for the JVM of this run. */
  readonly javaOptions: readonly string[];
  /** To be called once at the end of the run: keeps the archive that a good run made, drops one that a JVM crashed on. */
  readonly end: (how: { succeeded: boolean; crashed: boolean }) => Promise<void>;
}

export class ClassArchive {
  readonly #cache: SparkCache;
  #making = false;

  constructor(cache: SparkCache) {
    this.#cache = cache;
  }

  /** Without a matching archive, the run creates one, unless another run of this endpoint does. */
  async forRun(spark: SparkInstallation, inputBytes = 0): Promise<ClassSharing> {
    const options = jvmOptions(inputBytes);
    const base = await baseArchive(spark);
    const name = await archiveName(spark, base);
    const archive = await this.#find(name);
    if (archive !== undefined) return shared(archive, options);
    if (this.#making || !existsSync(base)) {
      return { javaOptions: options, end: () => Promise.resolve() };
    }
    this.#making = true;
    const draft = await this.#cache.draft(name);
    return {
      javaOptions: [...options, `-XX:ArchiveClassesAtExit=${draft}`, QUIET],
      end: async ({ succeeded }) => {
        this.#making = false;
        if (succeeded && existsSync(draft)) {
          await this.#cache.publish(draft, `${name}-${(await stat(draft)).size}.jsa`);
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

/** `auto`: an archive that does not fit is ignored by the JVM. */
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

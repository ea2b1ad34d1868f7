/** An archive of the classes Spark loads (JEP 350), made by the first run: later ones start in half the time. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  readonly #directory: string;
  #making = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Without a fitting archive, the run makes one, unless another run is at it. */
  async forRun(spark: SparkInstallation, inputBytes = 0): Promise<ClassSharing> {
    const options = jvmOptions(inputBytes);
    await mkdir(this.#directory, { recursive: true });
    const name = await fingerprint(spark);
    const archive = await this.#find(name);
    if (archive !== undefined) return shared(archive, options);
    if (this.#making || !(await hasBaseArchive(spark))) {
      return { javaOptions: options, end: () => Promise.resolve() };
    }
    this.#making = true;
    const unfinished = join(this.#directory, `${name}.unfinished`);
    await rm(unfinished, { force: true });
    return {
      javaOptions: [...options, `-XX:ArchiveClassesAtExit=${unfinished}`, QUIET],
      end: async ({ succeeded }) => {
        if (succeeded && existsSync(unfinished)) await this.#keep(name, unfinished);
        else await rm(unfinished, { force: true });
        this.#making = false;
      },
    };
  }

  /** Its name holds its size: the JVM maps the file, and dies of one that was cut short. */
  async #find(name: string): Promise<string | undefined> {
    for (const file of await readdir(this.#directory)) {
      const [, of, size] = /^(\w+)-(\d+)\.jsa$/.exec(file) ?? [];
      const path = join(this.#directory, file);
      if (of === name && (await stat(path)).size === Number(size)) return path;
    }
    return undefined;
  }

  /** Removes all others, made for another Java or Spark or damaged; each has more than a hundred megabytes. */
  async #keep(name: string, unfinished: string): Promise<void> {
    const { size } = await stat(unfinished);
    for (const file of await readdir(this.#directory)) {
      const path = join(this.#directory, file);
      if (path !== unfinished) await rm(path, { force: true });
    }
    await rename(unfinished, join(this.#directory, `${name}-${size}.jsa`));
  }
}

/** `auto`: an archive that does not fit is ignored by the JVM. */
const shared = (archive: string, options: readonly string[]): ClassSharing => ({
  javaOptions: [...options, `-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', QUIET],
  end: async ({ crashed }) => {
    if (crashed) await rm(archive, { force: true });
  },
});

/** Not every Java comes with the archive of its own classes that ours builds on; without it the JVM refuses. */
async function hasBaseArchive({ java }: SparkInstallation): Promise<boolean> {
  const program = await realpath(java).catch(() => java);
  return existsSync(join(dirname(program), '..', 'lib', 'server', 'classes.jsa'));
}

/** Changes whenever the JVM or one of Spark's jars does. */
async function fingerprint({ home, java }: SparkInstallation): Promise<string> {
  const program = await realpath(java).catch(() => java);
  const folder = join(home, 'jars');
  const jars = (await readdir(folder).catch(() => [])).sort();
  const files = [
    program,
    join(dirname(program), '..', 'lib', 'modules'),
    ...jars.map((jar) => join(folder, jar)),
  ];
  const parts = await Promise.all(
    files.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return `${path} ${String(found?.size)} ${String(found?.mtimeMs)}`;
    }),
  );
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

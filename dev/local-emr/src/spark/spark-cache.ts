/** A folder that clouds share for what depends only on Spark and Java. Several clouds may write to it at once. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An older draft belongs to a process that was killed. */
const DRAFT_AGE_MS = 10 * 60_000;
/** A class archive is larger than 100 MB. One that is unused for this long belongs to a Spark or Java that is gone. */
const UNUSED_AGE_MS = 30 * 24 * 3_600_000;

export class SparkCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  async names(): Promise<readonly string[]> {
    return readdir(this.#directory).catch(() => []);
  }

  /** A new unique path. The caller creates a file or folder there and publishes or removes it. */
  async draft(name: string): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    return this.path(`${name}.${randomUUID()}.draft`);
  }

  /** Renames a finished draft. If another process was faster, replaces its file or keeps its folder: both are equal. */
  async publish(draft: string, name: string): Promise<void> {
    try {
      await rename(draft, this.path(name));
    } catch (error) {
      await rm(draft, { recursive: true });
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    await rm(this.path(`${name.split('-')[0] ?? name}.asked`), { force: true });
    await this.#sweep();
  }

  /** Records a use of the file; false if it no longer exists. */
  async touch(name: string): Promise<boolean> {
    const now = new Date();
    return utimes(this.path(name), now, now).then(
      () => true,
      () => false,
    );
  }

  /** Whether somebody has asked for the name before; it is remembered until something of the name is published. */
  async wasAskedFor(name: string): Promise<boolean> {
    await mkdir(this.#directory, { recursive: true });
    const mark = this.path(`${name}.asked`);
    return writeFile(mark, '', { flag: 'wx' }).then(
      () => false,
      () => true,
    );
  }

  /** Whether a process has a draft of this name. */
  async hasDraft(name: string): Promise<boolean> {
    for (const file of await this.names()) {
      if (!file.startsWith(`${name}.`) || !file.endsWith('.draft')) continue;
      if ((await this.#age(file)) < DRAFT_AGE_MS) return true;
    }
    return false;
  }

  async #sweep(): Promise<void> {
    for (const name of await this.names()) {
      const isDraft = name.endsWith('.draft');
      if (!isDraft && !name.endsWith('.jsa')) continue;
      if ((await this.#age(name)) > (isDraft ? DRAFT_AGE_MS : UNUSED_AGE_MS)) {
        await rm(this.path(name), { recursive: true, force: true });
      }
    }
  }

  /** Milliseconds since the last change or use. */
  async #age(name: string): Promise<number> {
    const found = await stat(this.path(name)).catch(() => undefined);
    return Date.now() - (found?.mtimeMs ?? 0);
  }
}

/** A hash of the texts, and of the files' paths, sizes and times. */
export async function fingerprint(
  paths: readonly string[],
  ...texts: readonly string[]
): Promise<string> {
  const lines = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return `${path} ${String(found?.size)} ${String(found?.mtimeMs)}`;
    }),
  );
  return createHash('sha256')
    .update([...lines, ...texts].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

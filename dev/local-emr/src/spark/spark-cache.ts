/** The folder for what is made once for each Spark and Java and used by all clouds, which may make it at once. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const HOUR_MS = 3_600_000;
/** Whoever made an older draft was killed. */
const DRAFT_AGE_MS = HOUR_MS;
/** A class archive has more than a hundred megabytes; one unused for this long is for a Spark or Java that is gone. */
const UNUSED_AGE_MS = 30 * 24 * HOUR_MS;

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

  /** A path of which only this caller knows. Publish what is made there, or remove it. */
  async draft(name: string): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    return this.path(`${name}.${randomUUID()}.draft`);
  }

  /** Gives a finished draft its name. What another has published meanwhile is as good: a folder stays, a file is replaced. */
  async publish(draft: string, name: string): Promise<void> {
    try {
      await rename(draft, this.path(name));
    } catch (error) {
      await rm(draft, { recursive: true });
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    await this.#sweep();
  }

  /** Keeps the file for another while; false when it is gone. */
  async touch(name: string): Promise<boolean> {
    const now = new Date();
    return utimes(this.path(name), now, now).then(
      () => true,
      () => false,
    );
  }

  async #sweep(): Promise<void> {
    for (const name of await this.names()) {
      const age = name.endsWith('.draft') ? DRAFT_AGE_MS : UNUSED_AGE_MS;
      if (!name.endsWith('.draft') && !name.endsWith('.jsa')) continue;
      const found = await stat(this.path(name)).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > age) {
        await rm(this.path(name), { recursive: true, force: true });
      }
    }
  }
}

/** Changes whenever one of the files does, or appears. */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return `${path} ${String(found?.size)} ${String(found?.mtimeMs)}`;
    }),
  );
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

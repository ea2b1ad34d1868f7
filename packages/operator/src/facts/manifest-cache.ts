/**
 * Manifests that have been read before, by key and etag: whatever moves a pointer changes its etag, so
 * what is kept here is right for ever. Years of days that nobody has touched cost no request each.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '@user-behaviour/shared/manifest/manifest';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import * as z from 'zod';

interface Kept {
  readonly etag: string;
  readonly text: string;
}

export interface ManifestCache {
  readonly get: (key: string, etag: string) => Published | undefined;
  /** Keeps these beside what was kept of other keys. What cannot be kept is read again. */
  readonly keep: (published: ReadonlyMap<string, Published>) => Promise<void>;
}

/** `name` tells one endpoint, bucket and dataset from another. */
export async function openManifestCache(folder: string, name: string): Promise<ManifestCache> {
  const file = join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  const known = await load(file);
  return {
    get(key, etag) {
      const found = known.get(key);
      if (found?.etag !== etag) return undefined;
      try {
        return { manifest: parseManifest(found.text, key), etag };
      } catch {
        return undefined;
      }
    },
    async keep(published) {
      const news = [...published].filter(([key, { etag }]) => known.get(key)?.etag !== etag);
      if (news.length === 0) return;
      const all = new Map(known);
      for (const [key, { manifest, etag }] of news) {
        all.set(key, { etag, text: JSON.stringify(manifest) });
      }
      await save(file, folder, JSON.stringify([...all])).catch(() => undefined);
    },
  };
}

const entries = z.array(z.tuple([z.string(), z.object({ etag: z.string(), text: z.string() })]));

async function load(file: string): Promise<ReadonlyMap<string, Kept>> {
  try {
    return new Map(entries.parse(JSON.parse(await readFile(file, 'utf8'))));
  } catch {
    return new Map();
  }
}

/** Two operators at once leave the file of one of them, whole. */
async function save(file: string, folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, file);
}

/**
 * A cache of manifests by key and etag. Every change of a manifest changes its etag, so an entry never
 * becomes stale. Unchanged days then cost no request each.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { parseManifest } from '@user-behaviour/shared/manifest/manifest';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import * as z from 'zod';

interface Entry {
  readonly etag: string;
  readonly text: string;
}

export interface ManifestCache {
  readonly get: (key: string, etag: string) => Published | undefined;
  /** Adds these to the entries of other keys. A failed write is ignored: they are read again. */
  readonly keep: (published: ReadonlyMap<string, Published>) => Promise<void>;
}

/** `name` identifies endpoint, bucket and dataset. */
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
      await writeFileAtomically(file, [JSON.stringify([...all])]).catch(() => undefined);
    },
  };
}

const entries = z.array(z.tuple([z.string(), z.object({ etag: z.string(), text: z.string() })]));

async function load(file: string): Promise<ReadonlyMap<string, Entry>> {
  try {
    return new Map(entries.parse(JSON.parse(await readFile(file, 'utf8'))));
  } catch {
    return new Map();
  }
}

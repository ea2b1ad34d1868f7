/** What a day has become in the bucket: what is published, by content; and what is left beside it. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Ds } from '@user-behaviour/shared/ds';
import { manifestKey, runPrefix } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { type Manifest, parseManifest } from '@user-behaviour/shared/manifest/manifest';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { parquetRows } from './parquet.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

export interface PublishedDay {
  /** All that must equal, whichever run published it: names, counts, parameters, content. */
  readonly state: unknown;
  readonly manifest: Manifest | undefined;
  /** The lines of the published files, whichever run published them. */
  readonly rows: readonly string[];
  /** Keys of runs that published nothing; only `sweep` removes them. */
  readonly abandoned: readonly string[];
  /** Keys that belong to no run at all. */
  readonly strays: readonly string[];
}

/** With the day taken out, so that days of equal data are equal; Parquet as its rows. */
async function plainText(key: string, bytes: Uint8Array, ds: Ds): Promise<string> {
  const text = key.endsWith('.parquet')
    ? await parquetRows(bytes)
    : (key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString('latin1');
  return text.replaceAll(ds, '{ds}');
}

export async function publishedDay(
  bucket: TestBucket,
  dataset: Dataset,
  ds: Ds,
): Promise<PublishedDay> {
  const keys = await bucket.keys(`${dataset}/${ds}/`);
  const pointer = manifestKey(dataset, ds);
  const manifest = keys.includes(pointer)
    ? parseManifest(await bucket.text(pointer), pointer)
    : undefined;
  const run = manifest?.run ?? '';
  const anonymous = (text: string) => text.replaceAll(ds, '{ds}').replaceAll(run, '{run}');
  const files = [];
  const rows: string[] = [];
  for (const file of manifest?.files ?? []) {
    const bytes = await bucket.bytes(file.key);
    const text = await plainText(file.key, bytes, ds);
    for (const row of text.split('\n')) rows.push(row);
    files.push({
      key: anonymous(file.key).replace(/part-[^/]*/, 'part-*'),
      rows: file.rows,
      content: sha256(text),
      sound: file.bytes === bytes.length && file.sha256 === sha256(bytes),
    });
  }
  const own = runPrefix(dataset, ds, run);
  const named = new Set(manifest?.files.map(({ key }) => key));
  const rest = keys.filter((key) => key !== pointer && !named.has(key));
  const inRun = (key: string) =>
    /^[A-Za-z0-9][A-Za-z0-9-]*\//.test(key.slice(`${dataset}/${ds}/`.length));
  const state = {
    published: manifest && {
      dataset: manifest.dataset,
      generation: manifest.generation,
      job: manifest.job,
      parameters: manifest.parameters,
      upstream: manifest.upstream.map(({ key, generation }) => [anonymous(key), generation]),
      totals: { ...manifest.totals, bytes: undefined },
      rejected: manifest.rejected,
    },
    files,
    // A run writes more beside its files, e.g. a report.
    beside: rest.filter((key) => key.startsWith(own)).map(anonymous),
  };
  const others = rest.filter((key) => !key.startsWith(own));
  return {
    state,
    manifest,
    rows,
    abandoned: others.filter(inRun),
    strays: others.filter((key) => !inRun(key)),
  };
}

/** The state of a day in the bucket: the content of what is published, and what else is there. */
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
  /** Names, counts, parameters and content, without anything that depends on the run. */
  readonly state: unknown;
  readonly manifest: Manifest | undefined;
  /** The lines of the published files. */
  readonly rows: readonly string[];
  /** Keys of runs that published nothing; only `sweep` removes them. */
  readonly abandoned: readonly string[];
  /** Keys that belong to no run. */
  readonly strays: readonly string[];
}

/** The content without the day, so that days with equal data are equal; Parquet as its rows. */
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
  const runFolder = runPrefix(dataset, ds, run);
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
      // Left out where a fault hit the digest: the day is published without it.
      totals: { ...manifest.totals, bytes: undefined, belowQuantity: undefined },
      rejected: manifest.rejected,
    },
    files,
    // A run also writes other objects, e.g. a report.
    beside: rest.filter((key) => key.startsWith(runFolder)).map(anonymous),
  };
  const others = rest.filter((key) => !key.startsWith(runFolder));
  return {
    state,
    manifest,
    rows,
    abandoned: others.filter(inRun),
    strays: others.filter((key) => !inRun(key)),
  };
}

/** Stages reviews as stage-reviews does: the file, the Spark script and the manifest. */
import { createHash } from 'node:crypto';
import { asset } from '@user-behaviour/shared/asset';
import { parseDs } from '@user-behaviour/shared/ds';
import { runPrefix, scriptKey } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const realScript = asset('spark/random_text_classification.py');

/** The real script with lines before its first import. */
function withPreamble(lines: string): string {
  const firstImport = 'import argparse\n';
  if (!realScript.includes(firstImport))
    throw new Error('the script does not import argparse first');
  return realScript.replace(firstImport, `${firstImport}${lines}`);
}

/** The real script with a pause at its start, in the given run only. */
export const slowScript = (run: string, seconds: number): string =>
  withPreamble(`import sys, time\nif '${run}' in sys.argv:\n    time.sleep(${String(seconds)})\n`);

/** The real script, which ends as if it were killed for its memory, if the day is among its days. */
export const endedBy = (day: string): string =>
  withPreamble(`import os, sys\nif '${day}' in ' '.join(sys.argv):\n    os._exit(137)\n`);

/** Valid review lines, one in five positive. */
export const reviews = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    index % 5 === 0 ? `${String(index)},"a good one, ""quoted"""` : `${String(index)},not so bad`,
  );

export interface Staged {
  readonly lines: readonly string[];
  /** The number of reviews in the manifest. Default: the number of lines. */
  readonly rows?: number;
  readonly script?: string;
  readonly run?: string;
}

/** Publishes the reviews of a day, replacing those published before. */
export async function stage(
  bucket: Pick<TestBucket, 'client' | 'name' | 'put'>,
  day: string,
  staged: Staged,
): Promise<void> {
  const { lines, rows = lines.length, script = realScript, run = 'staged-1' } = staged;
  const ds = parseDs(day);
  const store = new ManifestStore(bucket.client, bucket.name);
  const key = `${runPrefix('movie_review/load', ds, run)}movie.csv`;
  const body = ['cid,review_str', ...lines, ''].join('\n');
  const keyOfScript = scriptKey(sha256(script));
  await bucket.put(key, body);
  await bucket.put(keyOfScript, script);
  await store.publish(
    {
      dataset: 'movie_review/load',
      ds,
      run,
      job: { name: 'stage-reviews', version: '0.1.0' },
      parameters: { script: keyOfScript },
      upstream: [],
      files: [{ key, bytes: Buffer.byteLength(body), rows, sha256: sha256(body) }],
      startedAt: new Date(),
      finishedAt: new Date(),
    },
    await store.read('movie_review/load', ds),
  );
}

/** The manifest of the cleaned day. */
export async function published(bucket: Pick<TestBucket, 'client' | 'name'>, day: string) {
  const store = new ManifestStore(bucket.client, bucket.name);
  return (await store.read('movie_review/stage', parseDs(day)))?.manifest;
}

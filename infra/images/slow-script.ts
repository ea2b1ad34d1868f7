/** Stages reviews with a slow Spark script, so that a test can stop the job during a step. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
import { runPrefix, scriptKey } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Publishes `rows` reviews of the day as stage-reviews does. The script first sleeps if the run is `slowRun`. */
export async function stageSlowly(
  bucket: TestBucket,
  day: string,
  rows: number,
  slowRun: string,
): Promise<void> {
  const path = join(import.meta.dirname, '../../spark/random_text_classification.py');
  const begin = 'import argparse\n';
  const pause = `import sys, time\nif '${slowRun}' in sys.argv:\n    time.sleep(600)\n`;
  const script = readFileSync(path, 'utf8').replace(begin, `${begin}${pause}`);
  if (!script.includes(pause)) throw new Error(`${path} does not contain ${begin}`);
  const lines = Array.from({ length: rows }, (_, cid) => `${String(cid)},good`);
  const body = ['cid,review_str', ...lines, ''].join('\n');
  const ds = parseDs(day);
  const key = `${runPrefix('movie_review/load', ds, 'staged')}movie.csv`;
  await bucket.put(key, body);
  await bucket.put(scriptKey(sha256(script)), script);
  const { status } = await new ManifestStore(bucket.client, bucket.name).publish(
    {
      dataset: 'movie_review/load',
      ds,
      run: 'staged',
      job: { name: 'stage-reviews', version: '0.1.0' },
      parameters: { script: scriptKey(sha256(script)) },
      upstream: [],
      files: [{ key, bytes: Buffer.byteLength(body), rows, sha256: sha256(body) }],
      startedAt: new Date(),
      finishedAt: new Date(),
    },
    undefined,
  );
  if (status !== 'published') throw new Error(`could not stage the reviews: ${status}`);
}

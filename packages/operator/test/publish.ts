/** Publishes a run as a job does. */
import { createHash } from 'node:crypto';
import { parseDs } from '@user-behaviour/shared/ds';
import { runPrefix } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import {
  ManifestStore,
  type Published,
  upstreamOf,
} from '@user-behaviour/shared/manifest/manifest-store';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

export interface Given {
  readonly run?: string;
  readonly rows?: number;
  /** Of its one file. */
  readonly name?: string;
  readonly body?: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly from?: Published;
  /** The publication that this one replaces. */
  readonly seen?: Published;
}

export async function publish(
  bucket: TestBucket,
  dataset: Dataset,
  day: string,
  { run = 'one', rows = 1, name = 'file', body, parameters = {}, from, seen }: Given = {},
): Promise<Published> {
  const ds = parseDs(day);
  const content = body ?? `${dataset} of ${ds} by ${run}`;
  const key = `${runPrefix(dataset, ds, run)}${name}`;
  await bucket.put(key, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return new ManifestStore(bucket.client, bucket.name).publish(
    {
      dataset,
      ds,
      run,
      job: { name: 'upstream', version: '0.1.0' },
      parameters,
      upstream: from === undefined ? [] : [upstreamOf(from)],
      files: [{ key, bytes: content.length, rows, sha256 }],
      startedAt: new Date(),
      finishedAt: new Date(),
    },
    seen,
  );
}

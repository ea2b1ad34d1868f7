/** Finds what a sweep leaves in the bucket although no manifest names it: it must be nothing. */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { parseManifest } from '@user-behaviour/shared/manifest/manifest';
import { operator } from '@user-behaviour/testkit/operator-command';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { Variables } from './inject/fault-proxy.ts';

export interface Swept {
  /** What the sweep says that it removed. */
  readonly removed: string;
  /** Keys outside the published runs that no manifest names, and open uploads. */
  readonly orphans: readonly string[];
}

/** @throws if the sweep does not end with 0. */
export async function orphansAfterSweep(bucket: TestBucket, env: Variables): Promise<Swept> {
  const sweep = ['sweep', '--apply', '--older=0s', '--keep=0s', '--yes'];
  const { code, stdout, stderr } = await operator({ ...env, LOG_FORMAT: 'json' }, ...sweep);
  if (code !== 0) throw new Error(`the sweep ended with ${String(code)}: ${stderr}`);
  const keys = await bucket.keys();
  const pointers = keys.filter((key) => key.endsWith('/_manifest.json'));
  const named = new Set<string>(pointers);
  const folders = new Set<string>();
  for (const pointer of pointers) {
    const { dataset, ds, run, parameters } = parseManifest(await bucket.text(pointer), pointer);
    named.add(String(parameters['script'] ?? ''));
    folders.add(`${dataset}/${ds}/${run}`);
    folders.add(`movie_review/rejects/${ds}/${run}`);
  }
  const { Uploads = [] } = await bucket.client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket.name }),
  );
  return {
    removed: (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '',
    orphans: [
      ...keys.filter((key) => !named.has(key) && !folders.has(folder(key))),
      ...Uploads.map(({ Key }) => `open upload of ${Key ?? ''}`),
    ],
  };
}

/** The `a/b/{ds}/{run}` of a key. */
const folder = (key: string): string => key.split('/').slice(0, 4).join('/');

import { parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { fakeS3, s3Error } from '@user-behaviour/testkit/fake-s3';
import { expect, it } from 'vitest';
import type { GarbageFolder } from './garbage.ts';
import { removeGarbage } from './sweep-apply.ts';

const dataset = 'user_purchase/stage';
const ds = parseDs('2010-12-01');
const run = 'slow';
const folder: GarbageFolder = {
  kind: 'run',
  where: `${dataset}/${ds}/${run}/`,
  why: 'never published',
  objects: 1,
  bytes: 1,
  modified: 0,
  of: { dataset, ds, run },
};
const manifest = completeManifest(
  {
    ...{ dataset, ds, run, job: { name: 'j', version: '1' }, parameters: {}, upstream: [] },
    files: [{ key: `${folder.where}file`, bytes: 1, rows: 1, sha256: '0'.repeat(64) }],
    ...{ startedAt: new Date(0), finishedAt: new Date(0) },
  },
  1,
);

/** A bucket where the run publishes as soon as its files are gone, if it does. */
function remove(publishes: boolean) {
  let removed = false;
  const { client } = fakeS3(({ name }) => {
    if (name === 'ListObjectsV2') {
      return { Contents: [{ Key: `${folder.where}file`, LastModified: new Date(0) }] };
    }
    if (name === 'DeleteObjects') {
      removed = true;
      return {};
    }
    if (!removed || !publishes) throw s3Error('NoSuchKey', 404);
    const Body = { transformToString: () => Promise.resolve(JSON.stringify(manifest)) };
    return { Body, ETag: '"1"' };
  });
  const options = { now: () => new Date(0), signal: new AbortController().signal };
  return removeGarbage({ s3: client, bucket: 'stages' }, [folder], options);
}

it('a run that nothing names is removed', async () => {
  expect(await remove(false)).toMatchObject([{ outcome: 'removed' }]);
});

it('a run that is published while its files are removed is reported as damaged', async () => {
  expect(await remove(true)).toMatchObject([
    {
      outcome: { kind: 'data', message: expect.stringContaining(`run ${run} of ${ds}`) as string },
    },
  ]);
});

import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { openManifestCache } from './manifest-cache.ts';

const draft = {
  dataset: 'user_purchase/stage',
  ds: parseDs('2010-12-01'),
  run: 'r1',
  job: { name: 'j', version: '1' },
  parameters: { minQuantity: 2 },
  upstream: [],
  files: [],
  startedAt: new Date(0),
  finishedAt: new Date(0),
} as const;
const key = 'user_purchase/stage/2010-12-01/_manifest.json';
const other = 'user_purchase/stage/2010-12-02/_manifest.json';
const published = { manifest: completeManifest(draft, 1), etag: '"e1"' };
const publishedToo = {
  manifest: completeManifest({ ...draft, ds: parseDs('2010-12-02') }, 1),
  etag: '"e1"',
};

describe('the manifest cache', () => {
  it('returns an entry only for its etag and bucket', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'manifests-'));
    const first = await openManifestCache(folder.path, 'bucket');
    expect(first.get(key, '"e1"')).toBeUndefined();
    await first.keep(new Map([[key, published]]));
    const second = await openManifestCache(folder.path, 'bucket');
    expect(second.get(key, '"e1"')).toEqual(published);
    expect(second.get(key, '"e2"')).toBeUndefined();
    expect((await openManifestCache(folder.path, 'other')).get(key, '"e1"')).toBeUndefined();
    const moved = { ...published, etag: '"e2"' };
    await second.keep(
      new Map([
        [key, moved],
        [other, publishedToo],
      ]),
    );
    const third = await openManifestCache(folder.path, 'bucket');
    expect([third.get(key, '"e1"'), third.get(key, '"e2"')]).toEqual([undefined, moved]);
    expect(third.get(other, '"e1"')).toEqual(publishedToo);
  });

  it('ignores a damaged file and a folder that cannot be created', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'manifests-'));
    await (await openManifestCache(folder.path, 'bucket')).keep(new Map([[key, published]]));
    for (const file of await readdir(folder.path)) await writeFile(join(folder.path, file), '[["');
    const damaged = await openManifestCache(folder.path, 'bucket');
    expect(damaged.get(key, '"e1"')).toBeUndefined();
    const nowhere = await openManifestCache('/dev/null/nowhere', 'bucket');
    await nowhere.keep(new Map([[key, published]]));
    expect(nowhere.get(key, '"e1"')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { InMemoryS3, s3Error } from '../../test/in-memory-s3.ts';
import { parseDs } from '../ds.ts';
import { manifestKey } from '../keys.ts';
import type { Draft } from './manifest.ts';
import { ManifestStore, upstreamOf } from './manifest-store.ts';

const dataset = 'user_purchase/stage';
const ds = parseDs('2010-12-01');
const key = manifestKey(dataset, ds);
const signal = new AbortController().signal;

/** A draft of a run; `content` determines the hash of its file. */
const draft = (run: string, content = run): Draft => ({
  dataset,
  ds,
  run,
  job: { name: 'extract-purchases', version: '1' },
  parameters: {},
  upstream: [],
  files: [
    {
      key: `user_purchase/stage/2010-12-01/${run}/a.csv`,
      bytes: 1,
      rows: 1,
      sha256: Buffer.from(content).toString('hex').padEnd(64, '0'),
    },
  ],
  startedAt: new Date(0),
  finishedAt: new Date(0),
});

const open = (s3: InMemoryS3) => new ManifestStore(s3.client, 'stages');

describe('publish', () => {
  it('writes the first manifest only if none exists', async () => {
    const s3 = new InMemoryS3();
    const publication = await open(s3).publish(draft('one'), undefined);
    expect([publication.status, publication.manifest.generation]).toEqual(['published', 1]);
    expect(s3.calls[0]?.input).toMatchObject({ IfNoneMatch: '*', ContentType: 'application/json' });
    expect(await open(s3).read(dataset, ds)).toEqual({
      manifest: publication.manifest,
      etag: publication.etag,
    });
  });

  it('replaces the manifest that the job read', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    const first = await store.publish(draft('one'), undefined);
    const second = await store.publish(draft('two'), first);
    expect([second.status, second.manifest.generation]).toEqual(['published', 2]);
    expect(s3.calls.at(-1)?.input).toMatchObject({ IfMatch: first.etag });
  });

  it('changes nothing if the content is the same (I3)', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    s3.put('user_purchase/stage/2010-12-01/one/a.csv', 'x');
    const first = await store.publish(draft('one'), undefined);
    const calls = s3.calls.length;
    const again = await store.publish(draft('two', 'one'), first);
    expect([again.status, again.manifest.run]).toEqual(['unchanged', 'one']);
    expect(s3.calls.slice(calls).map(({ name }) => name)).toEqual(['HeadObjectCommand']);
  });

  it('keeps run and generation of the same content, and takes over the new state of the source', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    s3.put('user_purchase/stage/2010-12-01/one/a.csv', 'x');
    const digest = (hash: string) => ({ digest: { rows: 1, hash: `record:${hash.repeat(16)}` } });
    const first = await store.publish({ ...draft('one'), source: digest('a') }, undefined);
    const source = { ...digest('b'), at: '2010-12-02T00:15:00.000Z' };
    const again = await store.publish({ ...draft('two', 'one'), source }, first);
    expect(again).toMatchObject({ status: 'unchanged', manifest: { ...first.manifest, source } });
    expect(await store.read(dataset, ds)).toEqual({ manifest: again.manifest, etag: again.etag });

    // The next one has nothing to tell, and a release that knows no state of the source leaves it.
    const puts = s3.calls.filter(({ name }) => name === 'PutObjectCommand').length;
    const later = { ...source, at: '2010-12-02T00:16:00.000Z' };
    await store.publish({ ...draft('three', 'one'), source: later }, again);
    await store.publish(draft('four', 'one'), again);
    expect(s3.calls.filter(({ name }) => name === 'PutObjectCommand')).toHaveLength(puts);

    // Whoever read the manifest before it moved leaves it as it is.
    const late = await store.publish({ ...draft('five', 'one'), source: digest('c') }, first);
    expect(late.status).toBe('unchanged');
    expect((await store.read(dataset, ds))?.manifest).toEqual(again.manifest);
  });

  it('moves on until when a partial day is complete, and never back, under the same run', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    s3.put('user_purchase/stage/2010-12-01/one/a.csv', 'x');
    const at = (time: string) => ({ completeUntil: new Date(`2010-12-01T${time}:00.000Z`) });
    const first = await store.publish({ ...draft('one'), ...at('10:15') }, undefined);
    const later = await store.publish({ ...draft('two', 'one'), ...at('11:15') }, first);
    const completeUntil = '2010-12-01T11:15:00.000Z';
    expect(later).toMatchObject({ status: 'unchanged', manifest: { run: 'one', completeUntil } });
    const late = await store.publish({ ...draft('three', 'one'), ...at('11:00') }, later);
    expect(late).toEqual(later);
    const over = { startedAt: new Date('2010-12-02') };
    const whole = await store.publish({ ...draft('four'), ...over }, later);
    expect(whole).toMatchObject({ status: 'published', manifest: { generation: 2 } });
    expect(whole.manifest).not.toHaveProperty('completeUntil');
    const early = { ...draft('five', 'four'), ...at('12:15') };
    s3.put('user_purchase/stage/2010-12-01/four/a.csv', 'x');
    const again = await store.publish(early, whole);
    expect(again).toMatchObject({ status: 'unchanged', etag: whole.etag });
  });

  it.each(['', 'longer than the manifest says'])(
    'publishes the same content again if the published file now contains %j',
    async (text) => {
      const s3 = new InMemoryS3();
      const store = open(s3);
      if (text !== '') s3.put('user_purchase/stage/2010-12-01/one/a.csv', text);
      const first = await store.publish(draft('one'), undefined);
      const again = await store.publish(draft('two', 'one'), first);
      expect([again.status, again.manifest.run]).toEqual(['published', 'two']);
    },
  );

  it('publishes exactly one of several concurrent runs (I4)', async () => {
    const s3 = new InMemoryS3();
    const runs = ['a', 'b', 'c', 'd', 'e'];
    const ends = await Promise.all(runs.map((run) => open(s3).publish(draft(run), undefined)));
    expect(ends.map(({ status }) => status).sort()).toEqual([
      'published',
      ...Array<string>(4).fill('superseded'),
    ]);
    const winner = ends.find(({ status }) => status === 'published')?.manifest.run;
    expect(new Set(ends.map(({ manifest }) => manifest.run))).toEqual(new Set([winner]));
  });

  it('is superseded by a run that has replaced the manifest in the meantime (I2)', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    const first = await store.publish(draft('one'), undefined);
    await store.publish(draft('two'), first);
    const late = await store.publish(draft('three'), first);
    expect([late.status, late.manifest.run]).toEqual(['superseded', 'two']);
  });

  it('is unchanged if the run that was published first has the same content (I3)', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    s3.put('user_purchase/stage/2010-12-01/one/a.csv', 'x');
    await store.publish(draft('one'), undefined);
    const late = await store.publish(draft('two', 'one'), undefined);
    expect([late.status, late.manifest.run]).toEqual(['unchanged', 'one']);
  });

  it('recognizes its own write after a lost response', async () => {
    const s3 = new InMemoryS3();
    s3.after = ({ name }) => {
      if (name === 'PutObjectCommand') throw s3Error('PreconditionFailed', 412);
    };
    const first = await open(s3).publish(draft('one'), undefined);
    expect(first.status).toBe('published');
    const second = await open(s3).publish(draft('two'), first);
    expect([second.status, second.manifest.generation]).toEqual(['published', 2]);
  });

  it('retries after a conflict that changed nothing', async () => {
    const s3 = new InMemoryS3();
    let conflicts = 2;
    s3.before = ({ name }) => {
      if (name !== 'PutObjectCommand' || conflicts === 0) return;
      conflicts -= 1;
      throw s3Error('ConditionalRequestConflict', 409);
    };
    expect((await open(s3).publish(draft('one'), undefined)).status).toBe('published');
    expect(conflicts).toBe(0);
  });

  it('fails as transient after five conflicts', async () => {
    const s3 = new InMemoryS3();
    s3.before = ({ name }) => {
      if (name === 'PutObjectCommand') throw s3Error('ConditionalRequestConflict', 409);
    };
    const failure = await failureOf(() => open(s3).publish(draft('one'), undefined));
    expect(failure.exit).toBe(75);
    expect(s3.named('PutObjectCommand')).toHaveLength(5);
  });

  it('does not restore a manifest that was removed', async () => {
    const s3 = new InMemoryS3();
    const first = await open(s3).publish(draft('one'), undefined);
    s3.objects.delete(key);
    const failure = await failureOf(() => open(s3).publish(draft('two'), first));
    expect(failure.exit).toBe(75);
    expect(failure.message).toContain(`s3://stages/${key} was removed`);
    expect(s3.objects.size).toBe(0);
  });

  it.each([
    ['AccessDenied', 403, 78],
    ['InternalError', 500, 75],
  ])('classifies %s', async (name, status, exit) => {
    const s3 = new InMemoryS3();
    s3.before = () => {
      throw s3Error(name, status);
    };
    const failure = await failureOf(() => open(s3).publish(draft('one'), undefined));
    expect(failure.exit).toBe(exit);
    expect(failure.message).toContain(`could not publish s3://stages/${key}: ${name}`);
  });
});

describe('read', () => {
  it('returns undefined if nothing was published', async () => {
    expect(await open(new InMemoryS3()).read(dataset, ds)).toBeUndefined();
  });

  it('distinguishes a missing bucket from a missing manifest', async () => {
    const s3 = new InMemoryS3();
    s3.before = () => {
      throw s3Error('NoSuchBucket', 404);
    };
    expect((await failureOf(() => open(s3).read(dataset, ds))).exit).toBe(78);
  });

  it('rejects an invalid manifest and names its key', async () => {
    const s3 = new InMemoryS3();
    s3.put(key, '{"version":9}');
    const failure = await failureOf(() => open(s3).read(dataset, ds));
    expect(failure.exit).toBe(65);
    expect(failure.message).toContain(`s3://stages/${key} has manifest version 9`);
  });
});

describe('require', () => {
  it('fails as not ready if nothing is published', async () => {
    const failure = await failureOf(() =>
      open(new InMemoryS3()).require(dataset, ds, { wait: 0, signal }),
    );
    expect([failure.kind, failure.exit]).toEqual(['not-ready', 75]);
    expect(failure.message).toContain(`${dataset} of 2010-12-01 has not been published`);
  });

  it('waits for a publication', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    s3.before = async ({ name }) => {
      if (name !== 'GetObjectCommand' || s3.objects.size > 0) return;
      await new ManifestStore(s3.client, 'stages').publish(draft('one'), undefined);
      throw s3Error('NoSuchKey', 404);
    };
    const found = await store.require(dataset, ds, { wait: 60_000, signal });
    expect(found.manifest.run).toBe('one');
    expect(s3.named('GetObjectCommand')).toHaveLength(2);
  });
});

describe('require, with the time of S3', () => {
  const serverTime = () => new Date('2010-12-02T00:15:00Z');
  const at = (run: string, time: string): Draft => ({ ...draft(run), startedAt: new Date(time) });
  const early = at('hourly', '2010-12-01T23:15:00Z');

  it('waits until a day that is over has been read again', async () => {
    const s3 = new InMemoryS3();
    const store = open(s3);
    const partial = await store.publish(early, undefined);
    let reads = 0;
    s3.before = async ({ name }) => {
      if (name !== 'GetObjectCommand') return;
      reads += 1;
      if (reads === 2) await store.publish(at('daily', '2010-12-02T00:15:00Z'), partial);
    };
    const found = await store.require(dataset, ds, { wait: 60_000, signal, serverTime });
    expect(found.manifest.run).toBe('daily');
  });

  it('fails as not ready if nobody does that', async () => {
    const store = open(new InMemoryS3());
    await store.publish(early, undefined);
    const failure = await failureOf(() =>
      store.require(dataset, ds, { wait: 1, signal, serverTime }),
    );
    expect([failure.kind, failure.exit]).toEqual(['not-ready', 75]);
    expect(failure.message).toBe(
      `${dataset} of 2010-12-01 is partial: it was read before the day was over, and is complete until 2010-12-01T23:15:00.000Z only`,
    );
  });

  it('takes a partial day that is not over', async () => {
    const store = open(new InMemoryS3());
    await store.publish(early, undefined);
    const during = () => new Date('2010-12-01T23:30:00Z');
    const found = await store.require(dataset, ds, { wait: 0, signal, serverTime: during });
    expect(found.manifest.run).toBe('hourly');
  });
});

describe('upstreamOf', () => {
  it('contains key, ETag, run and generation', async () => {
    const published = await open(new InMemoryS3()).publish(draft('one'), undefined);
    expect(upstreamOf(published)).toEqual({ key, etag: published.etag, run: 'one', generation: 1 });
  });
});

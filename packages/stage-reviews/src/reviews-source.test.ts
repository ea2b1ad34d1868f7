import { mkdir, mkdtempDisposable, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { createLog } from '@user-behaviour/shared/runner/log';
import { fakeS3, type S3Call, s3Error } from '@user-behaviour/testkit/fake-s3';
import { delivered, fileFailure, reviewsSource } from './reviews-source.ts';

const ds = parseDs('2010-12-01');
const containing = (text: string) => expect.stringContaining(text) as string;
const log = createLog('test', 'json', { write: (line) => said.push(line) }, 'info');
const said: string[] = [];
const live = () => new AbortController().signal;
const folder = () => mkdtempDisposable(join(tmpdir(), 'reviews-source-'));
const noS3 = fakeS3((call) => {
  throw new Error(`unexpected ${call.name} for a file`);
}).client;
const onDisk = (template: string) => reviewsSource(template, ds, noS3);
const inS3 = (answer: (call: S3Call, before: number) => unknown) =>
  reviewsSource('s3://vendor/{ds}/r-{ds}.csv', ds, fakeS3(answer).client);

describe('a file', () => {
  it('has the day for every {ds} in its name', async () => {
    await using temporary = await folder();
    const template = join(temporary.path, '{ds}', '{ds}.csv');
    const source = onDisk(template);
    expect(source.name).toBe(join(temporary.path, '2010-12-01', '2010-12-01.csv'));
    expect(await source.version()).toBeUndefined();
    await mkdir(join(temporary.path, ds));
    await writeFile(source.name, 'cid,review_str\n');
    expect(await source.version()).toBeDefined();
    expect((await buffer(source.read(live()))).toString()).toBe('cid,review_str\n');
  });

  it('has a new version after it is written again', async () => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'vendor.csv'));
    await writeFile(source.name, 'one');
    const first = await source.version();
    expect(await source.version()).toBe(first);
    await rename(source.name, `${source.name}.old`);
    await writeFile(source.name, 'two');
    expect(await source.version()).not.toBe(first);
  });

  it('that is a folder or below a file is a configuration failure', async () => {
    await using temporary = await folder();
    await expect(onDisk(temporary.path).version()).rejects.toMatchObject({
      kind: 'configuration',
      message: `the reviews file ${temporary.path} cannot be read: it is not a file`,
    });
    const file = join(temporary.path, 'f');
    await writeFile(file, '');
    await expect(onDisk(join(file, 'r.csv')).version()).rejects.toMatchObject({
      message: containing('cannot be read: ENOTDIR'),
      action: containing('REVIEWS_SOURCE'),
    });
  });

  it('that is removed before it is read is a configuration failure, not a bug', async () => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'gone.csv'));
    await expect(buffer(source.read(live()))).rejects.toMatchObject({
      kind: 'configuration',
      message: containing('ENOENT'),
    });
  });

  it.each([
    ['EIO', 'transient'],
    ['ESTALE', 'transient'],
    ['EBUSY', 'transient'],
    ['ETIMEDOUT', 'transient'],
    ['EMFILE', 'transient'],
    ['ENOTCONN', 'transient'],
    ['EACCES', 'configuration'],
    ['EPERM', 'configuration'],
    ['ELOOP', 'configuration'],
    ['ENAMETOOLONG', 'configuration'],
  ])('that fails by %s is %s', (code, kind) => {
    const failure = fileFailure('/mnt/r.csv', Object.assign(new Error(code), { code }));
    expect(failure).toMatchObject({ kind, message: containing(code) });
    expect(failure).toMatchObject({ message: containing('/mnt/r.csv') });
  });

  it('is read only until the job is stopped', async () => {
    await using temporary = await folder();
    const path = join(temporary.path, 'r.csv');
    await writeFile(path, Buffer.alloc(1 << 20));
    const stopping = new AbortController();
    const chunks = onDisk(path).read(stopping.signal)[Symbol.asyncIterator]();
    await chunks.next();
    stopping.abort();
    await expect(chunks.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('an object', () => {
  it('is requested by bucket and key', async () => {
    const s3 = fakeS3(() => ({ ETag: '"7"', Body: [Buffer.from('abc')] }));
    const source = reviewsSource('s3://vendor/{ds}/r.csv', ds, s3.client);
    expect(await source.version()).toBeDefined();
    expect((await buffer(source.read(live()))).toString()).toBe('abc');
    const input = { Bucket: 'vendor', Key: '2010-12-01/r.csv' };
    expect(s3.calls).toMatchObject([
      { name: 'HeadObject', input },
      { name: 'GetObject', input },
    ]);
  });

  it('has no version if only the key is missing', async () => {
    const source = inS3(({ name }) => {
      throw s3Error(name === 'HeadObject' ? 'NotFound' : 'NoSuchKey', 404);
    });
    expect(await source.version()).toBeUndefined();
  });

  it('in a bucket that does not exist is a configuration failure', async () => {
    const source = inS3(({ name }) => {
      throw s3Error(name === 'HeadObject' ? 'NotFound' : 'NoSuchBucket', 404);
    });
    await expect(source.version()).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        /s3:\/\/vendor\/2010-12-01\/r-2010-12-01\.csv.*no such bucket/,
      ) as string,
    });
  });

  it('without permission is a configuration failure, and a busy S3 is transient', async () => {
    const denied = inS3(() => {
      throw s3Error('AccessDenied', 403);
    });
    await expect(denied.version()).rejects.toMatchObject({ kind: 'configuration' });
    const busy = inS3(() => {
      throw s3Error('SlowDown', 503);
    });
    await expect(busy.version()).rejects.toMatchObject({ kind: 'transient' });
    await expect(buffer(busy.read(live()))).rejects.toMatchObject({ kind: 'transient' });
  });

  it('with a truncated body is transient', async () => {
    async function* breaking() {
      yield await Promise.resolve(Buffer.from('cid,'));
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    const source = inS3(() => ({ Body: breaking() }));
    await expect(buffer(source.read(live()))).rejects.toMatchObject({
      kind: 'transient',
      message: containing('could not read s3://vendor/'),
    });
  });
});

describe('waiting for the delivery', () => {
  it('ends as soon as the file exists', async () => {
    let polls = 0;
    const source = inS3(() => {
      polls += 1;
      if (polls < 4) throw s3Error('NoSuchKey', 404);
      return { ETag: '"7"' };
    });
    expect(await delivered(source, { wait: 60_000, signal: live() }, log)).toBe('"7"');
    expect(polls).toBeGreaterThanOrEqual(4);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('waiting for the reviews file s3://vendor/2010-12-01/');
  });

  it('ends as not ready at the timeout, or after one poll without a timeout', async () => {
    let polls = 0;
    const source = {
      ...inS3(() => ({})),
      version: () => {
        polls += 1;
        return Promise.resolve(undefined);
      },
    };
    await expect(delivered(source, { wait: 0, signal: live() }, log)).rejects.toMatchObject({
      kind: 'not-ready',
      exit: 75,
      message: containing('s3://vendor/2010-12-01/r-2010-12-01.csv does not exist'),
    });
    expect(polls).toBe(1);
  });

  it('ends at the signal', async () => {
    const source = { ...inS3(() => ({})), version: () => Promise.resolve(undefined) };
    const stopping = new AbortController();
    const waiting = delivered(source, { wait: 60_000, signal: stopping.signal }, log);
    stopping.abort(new Error('stopped'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

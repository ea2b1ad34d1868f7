import { appendFile, mkdir, mkdtempDisposable, rename, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { fakeS3, type S3Call, s3Error } from '@user-behaviour/testkit/fake-s3';
import { openSource } from './open-source.ts';
import type { Look, ReviewsSource } from './reviews-source.ts';

const ds = parseDs('2010-12-01');
const containing = (text: string) => expect.stringContaining(text) as string;
const live = () => new AbortController().signal;
const folder = () => mkdtempDisposable(join(tmpdir(), 'reviews-source-'));
const noS3 = fakeS3((call) => {
  throw new Error(`unexpected ${call.name} for a file`);
}).client;
const onDisk = (template: string) => openSource(template, ds, noS3);
/** What is there; it must be. */
async function lookAt(source: ReviewsSource): Promise<Look> {
  const look = await source.look();
  if (look === undefined) throw new Error(`${source.name} is missing`);
  return look;
}
const inS3 = (answer: (call: S3Call, before: number) => unknown) =>
  openSource('s3://vendor/{ds}/r-{ds}.csv', ds, fakeS3(answer).client);

describe('a file', () => {
  it('has the day for every {ds} in its name', async () => {
    await using temporary = await folder();
    const template = join(temporary.path, '{ds}', '{ds}.csv');
    const source = onDisk(template);
    expect(source.name).toBe(join(temporary.path, '2010-12-01', '2010-12-01.csv'));
    expect(await source.look()).toBeUndefined();
    await mkdir(join(temporary.path, ds));
    await writeFile(source.name, 'cid,review_str\n');
    const look = await lookAt(source);
    expect(look.bytes).toBe(15);
    expect((await buffer(source.read(look, live()))).toString()).toBe('cid,review_str\n');
  });

  it('has a new version after it is written again', async () => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'vendor.csv'));
    await writeFile(source.name, 'one');
    const first = await lookAt(source);
    expect(await source.look()).toEqual(first);
    await rename(source.name, `${source.name}.old`);
    await writeFile(source.name, 'two');
    expect((await lookAt(source)).version).not.toBe(first.version);
  });

  it('that is a folder or below a file is a configuration failure', async () => {
    await using temporary = await folder();
    await expect(onDisk(temporary.path).look()).rejects.toMatchObject({
      kind: 'configuration',
      message: `the reviews file ${temporary.path} cannot be read: it is not a file`,
    });
    const file = join(temporary.path, 'f');
    await writeFile(file, '');
    await expect(onDisk(join(file, 'r.csv')).look()).rejects.toMatchObject({
      message: containing('cannot be read: ENOTDIR'),
      action: containing('REVIEWS_SOURCE'),
    });
  });

  it('has changed just now, whatever time of modification it was given', async () => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'vendor.csv'));
    await writeFile(source.name, 'one');
    await utimes(source.name, 0, 0);
    expect((await lookAt(source)).changedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  const changes: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
    ['removed', (path) => rename(path, `${path}.old`)],
    ['longer', (path) => appendFile(path, 'more')],
    ['overwritten with as many bytes', (path) => writeFile(path, 'new')],
    [
      'replaced by another file',
      async (path) => {
        await writeFile(`${path}.new`, 'new');
        await rename(`${path}.new`, path);
      },
    ],
  ];
  it.each(changes)('that is %s before it is read is transient', async (_, change) => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'r.csv'));
    await writeFile(source.name, 'old');
    const look = await lookAt(source);
    await change(source.name);
    await expect(buffer(source.read(look, live()))).rejects.toMatchObject({
      kind: 'transient',
      exit: 75,
      message: `the reviews file ${source.name} changed while it was read`,
    });
  });

  it('that grows while it is read is transient', async () => {
    await using temporary = await folder();
    const source = onDisk(join(temporary.path, 'r.csv'));
    await writeFile(source.name, Buffer.alloc(1 << 20));
    const chunks = source.read(await lookAt(source), live())[Symbol.asyncIterator]();
    await chunks.next();
    await appendFile(source.name, 'more');
    const rest = { [Symbol.asyncIterator]: () => chunks };
    await expect(buffer(rest)).rejects.toMatchObject({ kind: 'transient' });
  });

  it('is read only until the job is stopped', async () => {
    await using temporary = await folder();
    const path = join(temporary.path, 'r.csv');
    await writeFile(path, Buffer.alloc(1 << 20));
    const stopping = new AbortController();
    const source = onDisk(path);
    const chunks = source.read(await lookAt(source), stopping.signal)[Symbol.asyncIterator]();
    await chunks.next();
    stopping.abort();
    await expect(chunks.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

const seen: Look = { version: '"7"', bytes: 4 };

describe('an object', () => {
  it('is requested by bucket and key', async () => {
    const s3 = fakeS3(() => ({ ETag: '"7"', ContentLength: 3, Body: [Buffer.from('abc')] }));
    const source = openSource('s3://vendor/{ds}/r.csv', ds, s3.client);
    const look = await lookAt(source);
    expect(look).toEqual({ version: '"7"', bytes: 3 });
    expect((await buffer(source.read(look, live()))).toString()).toBe('abc');
    const input = { Bucket: 'vendor', Key: '2010-12-01/r.csv' };
    expect(s3.calls).toMatchObject([
      { name: 'HeadObject', input },
      { name: 'GetObject', input: { ...input, IfMatch: '"7"' } },
    ]);
  });

  it('has no version if only the key is missing', async () => {
    const source = inS3(({ name }) => {
      throw s3Error(name === 'HeadObject' ? 'NotFound' : 'NoSuchKey', 404);
    });
    expect(await source.look()).toBeUndefined();
  });

  it('in a bucket that does not exist is a configuration failure', async () => {
    const source = inS3(({ name }) => {
      throw s3Error(name === 'HeadObject' ? 'NotFound' : 'NoSuchBucket', 404);
    });
    await expect(source.look()).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        /s3:\/\/vendor\/2010-12-01\/r-2010-12-01\.csv.*no such bucket/,
      ) as string,
    });
  });

  it('without permission is a configuration failure, and a busy S3 is transient', async () => {
    const text = 'User: u is not authorized to perform: s3:GetObject on resource: r';
    const denied = inS3(({ name }) => {
      if (name === 'HeadObject') throw s3Error('Unknown', 403);
      throw Object.assign(s3Error('AccessDenied', 403), { message: text });
    });
    await expect(denied.look()).rejects.toMatchObject({
      kind: 'configuration',
      action: expect.stringMatching(/^grant s3:GetObject/) as string,
    });
    const busy = inS3(() => {
      throw s3Error('SlowDown', 503);
    });
    await expect(busy.look()).rejects.toMatchObject({ kind: 'transient' });
    await expect(buffer(busy.read(seen, live()))).rejects.toMatchObject({ kind: 'transient' });
  });

  it.each([
    ['replaced', 'PreconditionFailed', 412],
    ['removed', 'NoSuchKey', 404],
  ])('that is %s before it is read is transient', async (_, name, status) => {
    const source = inS3(() => {
      throw s3Error(name, status);
    });
    await expect(buffer(source.read(seen, live()))).rejects.toMatchObject({
      kind: 'transient',
      message: `the reviews file ${source.name} changed while it was read`,
    });
  });

  it.each(['abc', 'abcde'])('with the body %j instead of 4 bytes is transient', async (body) => {
    const source = inS3(() => ({ Body: [Buffer.from(body)] }));
    await expect(buffer(source.read(seen, live()))).rejects.toMatchObject({ kind: 'transient' });
  });

  it('with a truncated body is transient', async () => {
    async function* breaking() {
      yield await Promise.resolve(Buffer.from('cid'));
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    const source = inS3(() => ({ Body: breaking() }));
    await expect(buffer(source.read(seen, live()))).rejects.toMatchObject({
      kind: 'transient',
      message: containing('could not read s3://vendor/'),
    });
  });
});

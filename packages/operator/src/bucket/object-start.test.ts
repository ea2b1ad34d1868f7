import { gzipSync } from 'node:zlib';
import { fakeS3, s3Error } from '@user-behaviour/testkit/fake-s3';
import { describe, expect, it } from 'vitest';
import { readObjectStart } from './object-start.ts';

/** A bucket with one object, of which a reply is the range that was asked for. */
function bucketWith(content: Uint8Array) {
  const { client, calls } = fakeS3(({ input }) => {
    if (content.length === 0) throw s3Error('InvalidRange', 416);
    const last = Number(/bytes=0-(\d+)/.exec(String(input['Range']))?.[1]);
    const body = content.subarray(0, last + 1);
    return {
      Body: { transformToByteArray: () => Promise.resolve(body) },
      ContentRange: `bytes 0-${String(body.length - 1)}/${String(content.length)}`,
    };
  });
  return { where: { s3: client, bucket: 'stages' }, calls };
}

const start = (content: string | Uint8Array, bytes?: number) =>
  readObjectStart(bucketWith(Buffer.from(content)).where, 'key', bytes);

describe('the beginning of an object', () => {
  it('is read by one request for at most 64 KiB', async () => {
    const { where, calls } = bucketWith(Buffer.alloc(100_000, 'x'));
    const { text, continues } = await readObjectStart(where, 'key');
    expect([text.length, continues]).toEqual([65_536, true]);
    expect(calls).toEqual([
      { name: 'GetObject', input: { Bucket: 'stages', Key: 'key', Range: 'bytes=0-65535' } },
    ]);
  });

  it('is all of a small one, and nothing of an empty one', async () => {
    expect(await start('a,b\n')).toEqual({ text: 'a,b\n', continues: false });
    expect(await start('')).toEqual({ text: '', continues: false });
  });

  it('leaves out a character that the range cuts, but not one that is broken', async () => {
    expect(await start('aé', 2)).toEqual({ text: 'a', continues: true });
    expect((await start(Uint8Array.of(0x61, 0xc3), 2)).text).toBe('a\uFFFD');
  });

  it('is decompressed, also if the compressed data goes on', async () => {
    const random = Array.from({ length: 5_000 }, (_, n) => String(n * 7_919)).join('\n');
    const compressed = gzipSync(random);
    expect(await start(compressed)).toEqual({ text: random, continues: false });
    const { text, continues } = await start(compressed, 4_096);
    expect(continues).toBe(true);
    expect(text.length).toBeGreaterThan(4_096);
    expect(random.startsWith(text)).toBe(true);
  });

  it('is bounded, however well it was compressed', async () => {
    const { text, continues } = await start(gzipSync(Buffer.alloc(10_000_000, 'x')), 1_024);
    expect([text.length, continues]).toEqual([16_384, true]);
  });

  it('that is not text is a data failure', async () => {
    await expect(start(Uint8Array.of(0x50, 0x41, 0x52, 0x31, 0))).rejects.toMatchObject({
      kind: 'data',
      message: 's3://stages/key is not text',
    });
  });

  it.each([
    [s3Error('NoSuchKey', 404), 'data', 'there is no object s3://stages/key'],
    [s3Error('SlowDown', 503), 'transient', 'could not read s3://stages/key: SlowDown'],
  ])('that cannot be read is a failure: %s', async (error, kind, message) => {
    const { client } = fakeS3(() => {
      throw error;
    });
    const reading = readObjectStart({ s3: client, bucket: 'stages' }, 'key');
    await expect(reading).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message) as string,
    });
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { InMemoryS3, s3Error } from '../../test/in-memory-s3.ts';
import { partSize } from './part-size.ts';
import { discard, uploadStream } from './stream-upload.ts';

vi.mock(import('./part-size.ts'), () => ({ partSize: vi.fn<typeof partSize>(() => 16) }));

const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

const targetOn = (s3: InMemoryS3, signal = new AbortController().signal) => ({
  s3: s3.client,
  bucket: 'stages',
  key: 'k',
  contentType: 'text/csv',
  signal,
});

async function* stream(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

function split(body: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (body.length + 1)), body.length].sort((a, b) => a - b);
  return ends.map((end, index) => body.subarray(index === 0 ? 0 : ends[index - 1], end));
}

describe('an uploaded stream', () => {
  it('has the same bytes, hash and parts for any division into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.nat({ max: 200 })),
        async (body, cuts) => {
          const s3 = new InMemoryS3();
          const uploaded = await uploadStream(targetOn(s3), stream(...split(body, cuts)));
          expect(uploaded).toEqual({ key: 'k', bytes: body.length, sha256: sha256(body) });
          expect(s3.objects.get('k')?.body).toEqual(Buffer.from(body));
          const parts = s3.named('UploadPartCommand').length;
          expect(parts).toBe(body.length <= 16 ? 0 : Math.ceil(body.length / 16));
        },
      ),
    );
  });

  it('does not overwrite a buffer that is being uploaded', async () => {
    const s3 = new InMemoryS3();
    s3.before = async ({ name }) => {
      if (name === 'UploadPartCommand') await new Promise(setImmediate);
    };
    const body = Buffer.from('0123456789abcdef'.repeat(20)).map((byte, at) => byte + (at >> 6));
    await uploadStream(targetOn(s3), stream(...split(body, [5, 40, 41, 200])));
    expect(s3.objects.get('k')?.body).toEqual(Buffer.from(body));
  });

  it('does not change if its source reuses a chunk', async () => {
    const s3 = new InMemoryS3();
    async function* reusing() {
      const chunk = Buffer.alloc(8);
      for (const letter of 'abcde') {
        chunk.fill(letter);
        yield await Promise.resolve(chunk);
      }
    }
    await uploadStream(targetOn(s3), reusing());
    expect(s3.text('k')).toBe('aaaaaaaabbbbbbbbccccccccddddddddeeeeeeee');
  });
});

describe('a failed upload', () => {
  it('leaves neither an object nor an open upload if the source fails', async () => {
    const s3 = new InMemoryS3();
    async function* failing() {
      yield await Promise.resolve(Buffer.alloc(40));
      throw new Error('source gone');
    }
    await expect(uploadStream(targetOn(s3), failing())).rejects.toThrow('source gone');
    expect(s3.named('CreateMultipartUploadCommand')).toHaveLength(1);
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0]);
  });

  it('leaves nothing if it is aborted, and closes the source', async () => {
    const s3 = new InMemoryS3();
    const controller = new AbortController();
    let released = false;
    async function* endless() {
      try {
        for (let count = 0; ; count += 1) {
          if (count === 5) controller.abort(new Error('stopped'));
          yield await Promise.resolve(Buffer.alloc(10));
        }
      } finally {
        released = true;
      }
    }
    await expect(uploadStream(targetOn(s3, controller.signal), endless())).rejects.toThrow(
      'stopped',
    );
    expect(released).toBe(true);
    expect(s3.named('AbortMultipartUploadCommand')).toHaveLength(1);
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0]);
  });

  it('writes nothing if it is aborted at the end of the source', async () => {
    const s3 = new InMemoryS3();
    const controller = new AbortController();
    async function* ending() {
      yield await Promise.resolve(Buffer.from('x'));
      controller.abort(new Error('stopped'));
    }
    await expect(uploadStream(targetOn(s3, controller.signal), ending())).rejects.toThrow(
      'stopped',
    );
    expect(s3.calls).toEqual([]);
  });

  it('leaves nothing if the last call fails', async () => {
    const s3 = new InMemoryS3();
    s3.before = ({ name }) => {
      if (name === 'CompleteMultipartUploadCommand') throw s3Error('InternalError', 500);
    };
    const failure = await failureOf(() => uploadStream(targetOn(s3), stream(Buffer.alloc(40))));
    expect(failure.kind).toBe('transient');
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0]);
  });
});

describe('discard', () => {
  it('removes only the given keys', async () => {
    const s3 = new InMemoryS3();
    for (const key of ['a', 'b', 'c']) s3.put(key, 'x');
    await discard({ s3: s3.client, bucket: 'stages' }, ['a', 'c']);
    expect([...s3.objects.keys()]).toEqual(['b']);
  });
});

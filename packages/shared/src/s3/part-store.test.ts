import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { InMemoryS3, s3Error } from '../../test/in-memory-s3.ts';
import { PartStore } from './part-store.ts';

const key = 'user_purchase/stage/2010-12-01/one/a.csv';

function storeOn(s3: InMemoryS3, onProgress?: (bytes: number) => void) {
  const target = {
    s3: s3.client,
    bucket: 'stages',
    key,
    contentType: 'text/csv',
    signal: new AbortController().signal,
  };
  return new PartStore(onProgress === undefined ? target : { ...target, onProgress });
}

async function multipart(s3: InMemoryS3, ...texts: string[]): Promise<PartStore> {
  const parts = storeOn(s3);
  for (const text of texts) await parts.store(Buffer.from(text));
  return parts;
}

describe('an object of one part', () => {
  it('is written in one request, with its checksum, only if the key does not exist', async () => {
    const s3 = new InMemoryS3();
    await storeOn(s3).finish(Buffer.from('abc'));
    expect(s3.text(key)).toBe('abc');
    expect(s3.calls.map(({ name }) => name)).toEqual(['PutObjectCommand', 'HeadObjectCommand']);
    expect(s3.calls[0]?.input).toMatchObject({ IfNoneMatch: '*', ContentType: 'text/csv' });
    expect(s3.calls[0]?.input['ChecksumCRC32']).toBe('NSRBwg==');
  });

  it('can be empty', async () => {
    const s3 = new InMemoryS3();
    await storeOn(s3).finish(Buffer.alloc(0));
    expect(s3.text(key)).toBe('');
  });
});

describe('an object of several parts', () => {
  it('is joined in order, with the checksum and the size of the whole', async () => {
    const s3 = new InMemoryS3();
    const progress: number[] = [];
    const parts = storeOn(s3, (bytes) => progress.push(bytes));
    await parts.store(Buffer.from('ab'));
    await parts.store(Buffer.from('cd'));
    await parts.finish(Buffer.from('e'));
    expect(s3.text(key)).toBe('abcde');
    expect(s3.uploads.size).toBe(0);
    expect(parts.bytes).toBe(5);
    expect(progress).toHaveLength(3);
    expect(s3.named('CompleteMultipartUploadCommand')[0]?.input).toMatchObject({
      IfNoneMatch: '*',
      MpuObjectSize: 5,
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it('needs no empty last part', async () => {
    const s3 = new InMemoryS3();
    await (await multipart(s3, 'ab')).finish(Buffer.alloc(0));
    expect(s3.named('UploadPartCommand')).toHaveLength(1);
    expect(s3.text(key)).toBe('ab');
  });

  it('uploads at most one part at a time', async () => {
    const s3 = new InMemoryS3();
    let [now, most] = [0, 0];
    s3.before = async ({ name }) => {
      if (name !== 'UploadPartCommand') return;
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
    };
    await (await multipart(s3, 'a', 'b', 'c', 'd')).finish(Buffer.from('e'));
    expect(most).toBe(1);
    expect(s3.text(key)).toBe('abcde');
  });
});

describe('a write whose response was lost', () => {
  it.each([
    ['PutObjectCommand', ''],
    ['CompleteMultipartUploadCommand', 'abc'],
  ])('succeeds if the retry of %s is refused', async (name, first) => {
    const s3 = new InMemoryS3();
    s3.after = (call) => {
      if (call.name === name) throw s3Error('PreconditionFailed', 412);
    };
    const parts = first === '' ? storeOn(s3) : await multipart(s3, first);
    await parts.finish(Buffer.from('x'));
    expect(s3.text(key)).toBe(`${first}x`);
    expect(s3.uploads.size).toBe(0);
  });

  it('succeeds if the upload no longer exists at the retry', async () => {
    const s3 = new InMemoryS3();
    s3.after = ({ name }) => {
      if (name === 'CompleteMultipartUploadCommand') throw s3Error('NoSuchUpload', 404);
    };
    await (await multipart(s3, 'abc')).finish(Buffer.from('x'));
    expect(s3.text(key)).toBe('abcx');
  });
});

describe('an existing key', () => {
  it('with the same content is a success, and the upload is aborted', async () => {
    const s3 = new InMemoryS3();
    s3.put(key, 'abcx');
    await (await multipart(s3, 'abc')).finish(Buffer.from('x'));
    expect(s3.uploads.size).toBe(0);
  });

  it.each([[[]], [['abc']]])(
    'with different content is a failure and is not changed (I1)',
    async (first) => {
      const s3 = new InMemoryS3();
      s3.put(key, 'other');
      const parts = await multipart(s3, ...first);
      const failure = await failureOf(() => parts.finish(Buffer.from('x')));
      expect(failure.exit).toBe(65);
      expect(failure.message).toContain(`s3://stages/${key} has different content`);
      expect(failure.action).toContain('--run-id');
      expect(s3.text(key)).toBe('other');
      expect(s3.uploads.size).toBe(0);
    },
  );

  it('with different content of the same length is a failure', async () => {
    const s3 = new InMemoryS3();
    s3.put(key, 'y');
    expect((await failureOf(() => storeOn(s3).finish(Buffer.from('x')))).kind).toBe('data');
  });
});

describe('a failing upload', () => {
  it('is transient if it conflicts with another write', async () => {
    const s3 = new InMemoryS3();
    s3.before = ({ name }) => {
      if (name === 'PutObjectCommand') throw s3Error('ConditionalRequestConflict', 409);
    };
    expect((await failureOf(() => storeOn(s3).finish(Buffer.from('x')))).exit).toBe(75);
  });

  it('is transient if the upload was removed', async () => {
    const s3 = new InMemoryS3();
    const parts = await multipart(s3, 'abc', 'def');
    s3.before = ({ name }) => {
      if (name === 'CompleteMultipartUploadCommand') s3.uploads.clear();
    };
    const failure = await failureOf(() => parts.finish(Buffer.from('x')));
    expect([failure.kind, failure.message]).toEqual([
      'transient',
      `s3://stages/${key} does not exist: it was removed while this run was writing it`,
    ]);
  });

  it('of a part is reported by the next call, and abandoning it leaves nothing', async () => {
    const s3 = new InMemoryS3();
    s3.before = ({ name, input }) => {
      if (name === 'UploadPartCommand' && input['PartNumber'] === 2) throw s3Error('SlowDown', 503);
    };
    const parts = await multipart(s3, 'a', 'b');
    const failure = await failureOf(() => parts.store(Buffer.from('c')));
    expect(failure.message).toContain(`could not store part 2 of s3://stages/${key}: SlowDown`);
    await parts.abandon();
    expect(s3.uploads.size).toBe(0);
    expect(s3.objects.size).toBe(0);
  });

  it('keeps its failure if the abort fails too', async () => {
    const s3 = new InMemoryS3();
    const parts = await multipart(s3, 'a');
    s3.before = ({ name }) => {
      if (name === 'AbortMultipartUploadCommand') throw s3Error('SlowDown', 503);
    };
    await expect(parts.abandon()).resolves.toBeUndefined();
    expect(s3.named('AbortMultipartUploadCommand')).toHaveLength(1);
  });

  it('is reported if the stored content differs from what was sent', async () => {
    const s3 = new InMemoryS3();
    s3.after = ({ name }) => {
      if (name === 'PutObjectCommand') s3.put(key, 'z');
    };
    expect((await failureOf(() => storeOn(s3).finish(Buffer.from('x')))).kind).toBe('data');
  });
});

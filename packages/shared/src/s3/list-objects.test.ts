import type { ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { listObjects } from './list-objects.ts';

const keys = ['a/1', 'a/2', 'a/3', 'a/4', 'a/5'];

/** An S3 that returns two keys per page and records the requests. */
function pagedS3() {
  const requests: ListObjectsV2CommandInput[] = [];
  const client = {
    send: ({ input }: { readonly input: ListObjectsV2CommandInput }) => {
      requests.push(input);
      const start = Number(input.ContinuationToken ?? 0);
      const Contents = keys.slice(start, start + 2).map((Key) => ({ Key, Size: 1, ETag: '"e"' }));
      const next = start + 2;
      return Promise.resolve({
        Contents,
        ...(next < keys.length ? { NextContinuationToken: String(next) } : {}),
      });
    },
  } as unknown as S3Client;
  return { where: { s3: client, bucket: 'lake' }, requests };
}

describe('listObjects', () => {
  it('yields the objects of every page', async () => {
    const { where, requests } = pagedS3();
    const found = await Array.fromAsync(listObjects(where, 'a/'));
    expect(found.map(({ key }) => key)).toEqual(keys);
    expect(found[0]).toEqual({ key: 'a/1', bytes: 1, etag: '"e"', modified: 0 });
    expect(requests.map(({ ContinuationToken }) => ContinuationToken)).toEqual([
      undefined,
      '2',
      '4',
    ]);
  });

  it('requests no page that the caller does not need', async () => {
    const { where, requests } = pagedS3();
    for await (const { key } of listObjects(where, 'a/', 'a/0')) if (key === 'a/2') break;
    expect(requests).toEqual([{ Bucket: 'lake', Prefix: 'a/', StartAfter: 'a/0' }]);
  });
});

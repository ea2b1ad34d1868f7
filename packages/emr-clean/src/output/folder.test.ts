import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { InMemoryBucket } from '../../test/in-memory-bucket.ts';
import { deleteFolder } from './folder.ts';

async function bucketWith(...keys: readonly string[]): Promise<InMemoryBucket> {
  const bucket = new InMemoryBucket();
  for (const key of keys) await bucket.put(key, 'x');
  return bucket;
}

describe('deleteFolder', () => {
  it('deletes every object of the folder and no other', async () => {
    const bucket = await bucketWith('runs/r1/a', 'runs/r1/b/c', 'runs/r10/a');
    await deleteFolder(bucket.where, 'runs/r1/');
    expect([...bucket.objects.keys()]).toEqual(['runs/r10/a']);
  });

  it('sends at most a thousand keys per request', async () => {
    const keys = Array.from({ length: 1_001 }, (_, index) => `runs/r1/${String(index)}`);
    const bucket = await bucketWith(...keys);
    const sizes: unknown[] = [];
    bucket.before = (command) => {
      if (command instanceof DeleteObjectsCommand)
        sizes.push(command.input.Delete?.Objects?.length);
    };
    await deleteFolder(bucket.where, 'runs/r1/');
    expect(sizes).toEqual([1_000, 1]);
    expect(bucket.objects.size).toBe(0);
  });

  it('fails if S3 reports an object that it could not delete', async () => {
    const bucket = await bucketWith('runs/r1/a', 'runs/r1/b');
    bucket.undeletable.add('runs/r1/b');
    await expect(deleteFolder(bucket.where, 'runs/r1/')).rejects.toMatchObject({
      kind: 'transient',
      message: 'could not delete 1 objects of s3://lake/runs/r1/: InternalError',
    });
  });
});

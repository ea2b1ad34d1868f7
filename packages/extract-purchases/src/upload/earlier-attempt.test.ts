import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { requireNoOtherFiles } from './earlier-attempt.ts';

const folder = 'user_purchase/stage/2010-12-01/run/';
const check = async (found: readonly string[], written: readonly string[]) => {
  const send = () => Promise.resolve({ Contents: found.map((Key) => ({ Key })) });
  const where = { s3: { send } as unknown as S3Client, bucket: 'b' };
  await requireNoOtherFiles(
    where,
    folder,
    written.map((key) => ({ key })),
  );
};
const [whole, second, parquet] = ['p.csv.gz', 'p-01000.csv.gz', 'p.parquet'].map(
  (name) => `${folder}${name}`,
) as [string, string, string];

it('the files of an attempt that divided the day in the same way are its own', async () => {
  await check([whole, second], [whole, second]);
  await check([], []);
});

it.each([
  ['of a second range, if this attempt reads the day in one', [whole, second], [whole], second],
  ['of another format', [whole, parquet], [parquet], whole],
])('a file %s is refused', async (_, found, written, left) => {
  await expect(check(found, written)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(`s3://b/${left}, which this one has not written`) as string,
  });
});

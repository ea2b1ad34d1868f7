import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { requireOneFormat } from './earlier-attempt.ts';
import { outputFormats } from './output-format.ts';

const folder = 'user_purchase/stage/2010-12-01/run/';
const attemptOf = async (keys: readonly string[], format: (typeof outputFormats)[number]) => {
  const send = () => Promise.resolve({ Contents: keys.map((Key) => ({ Key })) });
  await requireOneFormat({ s3: { send } as unknown as S3Client, bucket: 'b' }, folder, format);
};

const cases = outputFormats.flatMap((left) => outputFormats.map((now) => [left, now] as const));

it.each(cases)('what an attempt left as %s is refused, unless it is %s', async (left, now) => {
  const attempt = attemptOf([`${folder}p.${left}`, `${folder}p-01000.${left}`], now);
  if (left === now) {
    await attempt;
    return;
  }
  await expect(attempt).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(
      `s3://b/${folder}p.${left}, and OUTPUT_FORMAT is ${now}`,
    ) as string,
  });
});

it('a first attempt has nothing to refuse', async () => {
  await attemptOf([], 'parquet');
});

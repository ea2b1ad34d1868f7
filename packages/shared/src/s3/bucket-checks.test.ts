import type { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { readingChecks, writingChecks } from './bucket-checks.ts';

const minute = 60_000;
/** By the server's clock, which is not that of this host. */
const now = Date.parse('2026-11-29T12:00:00Z');

/** Lists these probes, and what is written; says what is deleted. */
function bucket(probes: Readonly<Record<string, number>>) {
  const deleted: string[] = [];
  const objects = new Map(Object.entries(probes));
  const send = ({
    constructor,
    input,
  }: {
    constructor: { name: string };
    input: { Key: string };
  }) => {
    if (constructor.name === 'PutObjectCommand') objects.set(input.Key, now);
    if (constructor.name === 'DeleteObjectCommand') deleted.push(input.Key);
    const Contents = [...objects].map(([Key, at]) => ({ Key, LastModified: new Date(at) }));
    return Promise.resolve({ Contents });
  };
  return { s3: { send } as unknown as S3Client, deleted };
}

it('deleting removes what killed checks left, and leaves the probes of checks that run', async () => {
  const { s3, deleted } = bucket({
    'user_purchase/stage/doctor/dead/trial': now - 15 * minute,
    'user_purchase/stage/doctor/dead/in/probe': now - 900 * minute,
    'user_purchase/stage/doctor/live/trial': now - 2 * minute,
  });
  const checks = writingChecks(s3, 'stages', 'user_purchase/stage');
  const run = (name: string) =>
    checks.find((check) => check.name === `bucket: ${name} user_purchase/stage`)?.run();
  await run('write');
  expect(await run('delete')).toEqual({ found: 'deleted, and 2 that killed checks left' });
  const own = deleted.pop();
  expect(own).toMatch(/^user_purchase\/stage\/doctor\/[0-9a-f]{12}\/trial$/);
  expect(deleted).toEqual([
    'user_purchase/stage/doctor/dead/trial',
    'user_purchase/stage/doctor/dead/in/probe',
  ]);
});

describe('a key that does not exist', () => {
  const s3Error = (name: string, httpStatusCode: number, message = '') =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

  function check(error: Error) {
    const asked: unknown[] = [];
    const send = ({ input }: { input: { Key: string } }) => {
      asked.push(input.Key);
      return Promise.reject(error);
    };
    const checks = readingChecks({ send } as never, 'stages', 'movie_review/stage');
    const one = checks.find(({ name }) => name === 'bucket: missing key movie_review/stage');
    return { asked, result: one?.run() };
  }

  it('is looked for under a name that every job may read', async () => {
    const { asked, result } = check(s3Error('NoSuchKey', 404));
    expect(await result).toEqual({ found: 'S3 says that it does not exist' });
    expect(asked).toEqual([
      expect.stringMatching(/^movie_review\/stage\/doctor\/[0-9a-f]{12}\/_manifest\.json$/),
    ]);
  });

  it('that S3 calls forbidden shows that s3:ListBucket is missing, or has a condition', async () => {
    await expect(check(s3Error('AccessDenied', 403)).result).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('AccessDenied') as string,
      action: expect.stringMatching(/^grant s3:ListBucket on the whole bucket/) as string,
    });
  });

  it('is reported as s3:GetObject if S3 names that, and as trouble if S3 has some', async () => {
    const text = 'User: u is not authorized to perform: s3:GetObject on resource: r';
    await expect(check(s3Error('AccessDenied', 403, text)).result).rejects.toMatchObject({
      kind: 'configuration',
      action: expect.stringMatching(/^grant s3:GetObject/) as string,
    });
    const trouble = check(s3Error('SlowDown', 503)).result;
    await expect(trouble).rejects.toMatchObject({ kind: 'transient' });
  });
});

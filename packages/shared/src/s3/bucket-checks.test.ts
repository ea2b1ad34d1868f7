import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { writingChecks } from './bucket-checks.ts';

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

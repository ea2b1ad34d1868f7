/** The lease on a real S3 server: races, expiry and loss. */
import { S3Client } from '@aws-sdk/client-s3';
import { parseDs } from '@user-behaviour/shared/ds';
import { leaseKey } from '@user-behaviour/shared/keys';
import { createLog } from '@user-behaviour/shared/runner/log';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { waitFor } from '@user-behaviour/shared/waiting';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type Exchange,
  s3Refusal,
  startHttpFront,
} from '@user-behaviour/testkit/proxies/http-front';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lease, type LeaseSettings } from '../src/input/lease.ts';
import { clockMargin } from '@user-behaviour/shared/manifest/lease-record';
import { remainingKeys } from './remaining-keys.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3']);
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
});

const ds = parseDs('2010-12-01');
const key = leaseKey('movie_review/stage', ds);
const log = createLog('test', 'json', { write: () => undefined }, 'silent');

const settings = (bucket: TestBucket, name: string, life = 60_000): LeaseSettings => ({
  s3: bucket.client,
  bucket: bucket.name,
  run: `run-of-${name}`,
  owner: name,
  life,
  now: () => new Date(),
  log,
});

function taken(found: Awaited<ReturnType<typeof Lease.take>>): Lease {
  if (found instanceof Lease) return found;
  throw new Error(`held by ${found.owner}`);
}

it('goes to exactly one of many contenders; the others learn who holds it', async () => {
  await using bucket = await freshBucket(cloud);
  const names = Array.from({ length: 16 }, (_, index) => `contender-${String(index)}`);
  const found = await Promise.all(names.map((name) => Lease.take(ds, settings(bucket, name))));
  const leases = found.filter((lease) => lease instanceof Lease);
  expect(leases).toHaveLength(1);
  const holders = found.flatMap((lease) => (lease instanceof Lease ? [] : [lease.owner]));
  expect(new Set(holders).size).toBe(1);
  await leases[0]?.release();
  expect(await remainingKeys(bucket)).toEqual([]);
  const next = taken(await Lease.take(ds, settings(bucket, 'next')));
  expect(next.orphanedRuns).toEqual([]);
  await next.release();
});

it('is renewed while its holder lives, and can be taken over after that', async () => {
  await using bucket = await freshBucket(cloud);
  const life = 600;
  const lease = taken(await Lease.take(ds, settings(bucket, 'a', life)));
  // This clock is ahead by the largest difference that the margin allows.
  const ahead = { ...settings(bucket, 'b', life), now: () => new Date(Date.now() + clockMargin) };
  const end = performance.now() + 4 * life;
  while (performance.now() < end) expect(await Lease.take(ds, ahead)).toMatchObject({ owner: 'a' });
  await lease.release();
  const second = taken(await Lease.take(ds, ahead));
  expect(second.orphanedRuns).toEqual([]);
  await second.release();

  // A killed process leaves its lease behind and does not renew it.
  const abandoned = { version: 1, run: 'dead', owner: 'c', host: 'h' };
  const expiresAt = new Date(Date.now() - clockMargin).toISOString();
  await bucket.put(key, JSON.stringify({ ...abandoned, expiresAt }));
  const third = taken(await Lease.take(ds, settings(bucket, 'd')));
  expect(third.orphanedRuns).toEqual(['dead']);
  await third.release();
});

it('hands orphaned runs on until a holder has ended their steps (I5)', async () => {
  await using bucket = await freshBucket(cloud);
  const later = (hours: number) => () => new Date(Date.now() + hours * 3_600_000);
  const take = async (name: string, hours: number) =>
    taken(await Lease.take(ds, { ...settings(bucket, name), now: later(hours) }));
  // The first two are killed: one right after it took the lease, one after a renewal.
  await take('a', 0);
  const killed = await take('b', 1);
  expect(killed.orphanedRuns).toEqual(['run-of-a']);
  await killed.confirm();
  const failed = await take('c', 2);
  expect(failed.orphanedRuns).toEqual(['run-of-a', 'run-of-b']);
  await failed.release();
  expect(await remainingKeys(bucket)).toEqual([]);
  const done = await take('d', 2);
  expect(done.orphanedRuns).toEqual(['run-of-a', 'run-of-b']);
  done.orphanedRuns = [];
  await done.release();
  expect((await take('e', 2)).orphanedRuns).toEqual([]);
});

it('cannot be confirmed or deleted by a holder that lost it', async () => {
  await using bucket = await freshBucket(cloud);
  const slept = taken(await Lease.take(ds, settings(bucket, 'slept')));
  await slept.confirm();
  const later = () => new Date(Date.now() + 60_000 + clockMargin);
  const other = taken(await Lease.take(ds, { ...settings(bucket, 'other'), now: later }));
  await expect(slept.confirm()).rejects.toThrow(/the lease of 2010-12-01 was lost/);
  await slept.release();
  expect(await bucket.text(key)).toContain('"owner":"other"');
  await other.confirm();
  await other.release();
  await expect(other.confirm()).rejects.toThrow(/was lost/);
});

it('survives a renewal whose reply was lost', async () => {
  await using bucket = await freshBucket(cloud);
  const lease = taken(await Lease.take(ds, settings(bucket, 'a')));
  // The same owner's content under an etag that the lease does not know.
  await bucket.put(key, `${await bucket.text(key)} `);
  await lease.confirm();
  await lease.release();
  const gone = await waitFor(
    async () => ((await remainingKeys(bucket)).length === 0 ? true : undefined),
    {
      signal: AbortSignal.timeout(5_000),
      limit: 5_000,
    },
  );
  expect(gone).toBe(true);
});

it('is a transient failure if S3 refuses every write', async () => {
  await using front = await startHttpFront(cloud.env['AWS_ENDPOINT_URL_S3'] ?? '');
  const env = { ...cloud.env, AWS_ENDPOINT_URL_S3: front.url };
  await using bucket = await freshBucket({ env });
  const writes = ({ method, url }: Exchange) => method === 'PUT' && url.includes(key);
  front.rules.push({ when: writes, instead: () => s3Refusal(409, 'ConditionalRequestConflict') });
  await expect(Lease.take(ds, settings(bucket, 'one'))).rejects.toMatchObject({
    kind: 'transient',
  });
  expect(front.calls.filter(writes)).toHaveLength(8);
});

describe('hosts whose clocks are wrong', () => {
  const hour = 3_600_000;
  /** A process on a host whose clock is off, with the clock that the job uses. */
  const on = (bucket: TestBucket, name: string, offset: number, life?: number): LeaseSettings => {
    const { region, credentials } = bucket.client.config;
    const endpoint = bucket.env['AWS_ENDPOINT_URL_S3'] ?? '';
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const { now } = new ServerClock(s3, () => new Date(Date.now() + offset));
    return { ...settings(bucket, name, life), s3, now };
  };

  it.each([hour, -hour])('do not take a held lease (%i ms)', async (offset) => {
    await using bucket = await freshBucket(cloud);
    const held = taken(await Lease.take(ds, on(bucket, 'right', 0)));
    expect(await Lease.take(ds, on(bucket, 'wrong', offset))).toMatchObject({ owner: 'right' });
    await held.release();
    const other = taken(await Lease.take(ds, on(bucket, 'wrong', offset)));
    expect(await Lease.take(ds, on(bucket, 'right', 0))).toMatchObject({ owner: 'wrong' });
    await other.release();
  });

  it.each([hour, -hour])('take over an expired lease (%i ms)', async (offset) => {
    await using bucket = await freshBucket(cloud);
    const expiresAt = new Date(Date.now() - clockMargin - 2_000).toISOString();
    const abandoned = { version: 1, run: 'dead', owner: 'c', host: 'h', expiresAt };
    await bucket.put(key, JSON.stringify(abandoned));
    const lease = taken(await Lease.take(ds, on(bucket, 'wrong', offset)));
    expect(lease.orphanedRuns).toEqual(['dead']);
    await lease.release();
  });
});

/** The sweep on a real S3 server: what it removes, what it keeps, and what a second one finds. */
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { parseDs } from '@user-behaviour/shared/ds';
import { leaseKey, manifestKey } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { removeGarbage } from '../src/sweep/sweep-apply.ts';
import { findGarbage } from '../src/sweep/find-garbage.ts';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import { publish } from './publish.ts';
import { removesByCondition } from './removes-by-condition.ts';
import { wrongClock } from './wrong-clock.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'redshift', 'emr']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '2010-12-01';
const hour = 3_600_000;
const sweeping = { now: () => new Date(), signal: new AbortController().signal };
const script = (letter: string) => `scripts/${letter.repeat(64)}/random_text_classification.py`;

async function lease(
  bucket: TestBucket,
  ds: string,
  run: string,
  expiresAt: number,
  more: { readonly released?: true; readonly left?: readonly string[] } = {},
) {
  const body = { version: 1, run, owner: 'o', host: 'h', expiresAt: new Date(expiresAt), ...more };
  await bucket.put(leaseKey('movie_review/stage', parseDs(ds)), JSON.stringify(body));
}

async function beginUpload(bucket: TestBucket, Key: string): Promise<void> {
  const where = { Bucket: bucket.name, Key };
  const { UploadId } = await bucket.client.send(new CreateMultipartUploadCommand(where));
  await bucket.client.send(
    new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'part' }),
  );
}

const openUploads = async ({ client, name }: TestBucket): Promise<unknown[]> =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads?.map(
    ({ Key }) => Key,
  ) ?? [];

/** What stays if S3 has no conditional deletes: an expired lease. */
const keptLeases = async (bucket: TestBucket): Promise<readonly string[]> =>
  (await removesByCondition(bucket)) ? [] : ['movie_review/stage/2010-12-05/_lease.json'];

/** One published day, and every kind of garbage beside it. */
async function litter(bucket: TestBucket): Promise<readonly string[]> {
  const parameters = { script: script('a') };
  await publish(bucket, 'user_purchase/stage', day);
  const from = await publish(bucket, 'movie_review/load', day, { parameters });
  await publish(bucket, 'movie_review/stage', day, { from });
  await bucket.put(script('a'), 'in use');
  await bucket.put(`movie_review/rejects/${day}/one/part-0.json`, 'of the published run');
  await bucket.put(`user_purchase/rejects/${day}/one/rejected_purchases.csv`, 'likewise');
  await bucket.put('somebody/elses/file', 'not ours');
  await bucket.put('user_purchase/stage/notes.txt', 'not ours either');
  const good = await bucket.keys();

  await bucket.put(`user_purchase/stage/${day}/dead/temp_filtered_user_purchase.csv`, 'x');
  await bucket.put(`movie_review/load/2010-12-02/dead/movie.csv`, 'x');
  await bucket.put(`movie_review/stage/${day}/dead/_report.json`, '{}');
  await bucket.put(`movie_review/stage/${day}/dead/part-0.parquet`, 'x');
  await bucket.put(`movie_review/rejects/${day}/dead/part-0.json`, 'x');
  await bucket.put(`user_purchase/rejects/${day}/dead/rejected_purchases.csv`, 'x');
  await bucket.put(script('b'), 'of an earlier release');
  await bucket.put('movie_review/load/doctor/aaaaaa/probe', 'x');
  await lease(bucket, '2010-12-05', 'dead', Date.now() - 60_000);
  await beginUpload(bucket, `user_purchase/stage/${day}/dead2/temp_filtered_user_purchase.csv`);
  await beginUpload(bucket, 'somebody/elses/upload');
  return good;
}

const all = ['--older=0s', '--keep=0s'];
const noneLive = () => Promise.resolve(new Set<never>());

describe('a sweep', () => {
  it('shows what it would remove, removes it with --apply, and finds nothing the next time', async () => {
    await using bucket = await freshBucket(cloud);
    const stays = await keptLeases(bucket);
    const good = await litter(bucket);
    const before = await bucket.keys();

    const young = await operator(bucket.env, 'sweep', '--apply');
    expect(young).toMatchObject({ code: 0, stdout: 'nothing to sweep\n' });

    const shown = await operator(bucket.env, 'sweep', ...all);
    expect(shown.code).toBe(0);
    expect(
      cells(shown.stdout)
        .map(([what, where]) => `${String(what)} ${String(where)}`)
        .sort(),
    ).toEqual(
      [
        'lease movie_review/stage/2010-12-05/_lease.json',
        `rejects movie_review/rejects/${day}/dead/`,
        `rejects user_purchase/rejects/${day}/dead/`,
        'run movie_review/load/2010-12-02/dead/',
        `run movie_review/stage/${day}/dead/`,
        `run user_purchase/stage/${day}/dead/`,
        `script scripts/${'b'.repeat(64)}/`,
        'probe movie_review/load/doctor/aaaaaa/',
        `upload user_purchase/stage/${day}/dead2/temp_filtered_user_purchase.csv`,
      ].sort(),
    );
    expect(shown.stderr).toContain('nothing was removed: use --apply to remove it');
    expect(await bucket.keys()).toEqual(before);

    const applied = await operator(bucket.env, 'sweep', '--apply', ...all);
    expect(applied.code, applied.stderr).toBe(0);
    const removed = 'removed 3 runs, 2 rejects, 1 script, 1 probe, 1 upload';
    expect(applied.stderr).toContain(
      stays.length === 0 ? `${removed}, 1 lease: 8 objects` : `${removed}: 8 objects`,
    );
    expect(await bucket.keys()).toEqual([...good, ...stays].sort());
    expect(await openUploads(bucket)).toEqual(['somebody/elses/upload']);

    const again = await operator(bucket.env, 'sweep', '--apply', ...all);
    expect(again.code).toBe(0);
    if (stays.length === 0) expect(again.stdout).toBe('nothing to sweep\n');
    else expect(cells(again.stdout).map(([, where]) => where)).toEqual(stays);
  });

  it('keeps everything of a day with a live lease, and every script while one exists', async () => {
    await using bucket = await freshBucket(cloud);
    const stays = await keptLeases(bucket);
    await litter(bucket);
    await beginUpload(bucket, `movie_review/stage/${day}/dead/part-1.parquet`);
    await lease(bucket, day, 'dead', Date.now() + hour);
    const applied = await operator(bucket.env, 'sweep', '--apply', ...all);
    expect(applied.code, applied.stderr).toBe(0);
    const left = (await bucket.keys()).filter((key) => /dead|scripts|lease/.test(key));
    expect(left).toEqual([
      `movie_review/rejects/${day}/dead/part-0.json`,
      `movie_review/stage/${day}/_lease.json`,
      `movie_review/stage/${day}/dead/_report.json`,
      `movie_review/stage/${day}/dead/part-0.parquet`,
      ...stays,
      script('a'),
      script('b'),
    ]);
    expect(await openUploads(bucket)).toContain(`movie_review/stage/${day}/dead/part-1.parquet`);
  });

  it('removes what a run left that has released its lease', async () => {
    for (const left of [[], ['earlier']]) {
      await using bucket = await freshBucket(cloud);
      const dead = `movie_review/stage/${day}/dead/part-0.parquet`;
      await bucket.put(dead, 'x');
      await lease(bucket, day, 'dead', Date.now() + hour, { released: true, left });
      const applied = await operator(bucket.env, 'sweep', '--apply', ...all);
      expect(applied.code, applied.stderr).toBe(0);
      expect(await bucket.keys()).toEqual([`movie_review/stage/${day}/_lease.json`]);
    }
  });

  it('keeps a lease until the steps of the runs that it names have ended', async () => {
    await using bucket = await freshBucket(cloud);
    const [mayBeLive, ended] = [parseDs(day), parseDs('2010-12-02')];
    await lease(bucket, mayBeLive, 'dead', Date.now() - hour, { released: true, left: ['r1'] });
    await lease(bucket, ended, 'r2', Date.now() - hour, { left: ['r1'] });
    await lease(bucket, '2010-12-03', 'r3', Date.now() - hour, { released: true });
    const where = { s3: bucket.client, bucket: bucket.name };
    const asked: unknown[] = [];
    const { garbage } = await findGarbage(
      where,
      () => Promise.resolve(new Map()),
      { now: Date.now(), older: 0, keep: 0 },
      (days) => {
        asked.push(...days);
        return Promise.resolve(new Set([mayBeLive]));
      },
    );
    expect(asked).toEqual([
      { ds: mayBeLive, runs: ['r1'] },
      { ds: ended, runs: ['r1', 'r2'] },
    ]);
    expect(garbage.map((found) => found.where)).toEqual([
      leaseKey('movie_review/stage', ended),
      leaseKey('movie_review/stage', parseDs('2010-12-03')),
    ]);
  });

  it('keeps such a lease, says so and ends with 75 if EMR cannot be asked', async () => {
    await using bucket = await freshBucket(cloud);
    await lease(bucket, day, 'dead', Date.now() - hour, { released: true, left: ['r1'] });
    await using front = await startHttpProxy(bucket.env['AWS_ENDPOINT_URL_EMR'] ?? '');
    const refusal = { status: 400, body: '{"__type":"ThrottlingException"}' };
    front.rules.push({ when: ({ method }) => method === 'POST', instead: () => refusal });
    const env = { ...bucket.env, AWS_ENDPOINT_URL_EMR: front.url };
    const { code, stderr } = await operator(env, 'sweep', '--apply', ...all);
    expect(code).toBe(75);
    expect(stderr).toContain(`the leases of ${day} were left, for their steps may be live`);
    expect(await bucket.keys()).toEqual([leaseKey('movie_review/stage', parseDs(day))]);
  });

  it('keeps a superseded run for its readers, and forever what the ledger names', async () => {
    await using bucket = await freshBucket(cloud);
    const seen = await publish(bucket, 'user_purchase/stage', day, { run: 'one' });
    const two = await publish(bucket, 'user_purchase/stage', day, { run: 'two', seen });
    await publish(bucket, 'user_purchase/stage', day, { run: 'three', seen: two });
    const sql = [
      `create table public.user_behavior_metric_load (ds date, run varchar(64), purchases_run varchar(64),
         purchases_generation integer, reviews_run varchar(64), reviews_generation integer,
         min_quantity integer, purchase_rows bigint, review_rows bigint, metric_rows bigint,
         amount_spent decimal(38, 5), review_score bigint, review_count bigint, loaded_at timestamp)`,
      `insert into public.user_behavior_metric_load
         values ('${day}', 'x', 'one', 1, 'r', 1, 2, 0, 0, 0, 0, 0, 0, getdate())`,
    ];
    for (const statement of sql) {
      expect(await operator(bucket.env, 'query', `--sql=${statement}`)).toMatchObject({ code: 0 });
    }
    const kept = await operator(bucket.env, 'sweep', '--apply', '--older=0s', '--keep=1h');
    expect(kept).toMatchObject({ code: 0, stdout: 'nothing to sweep\n' });
    const swept = await operator(bucket.env, 'sweep', '--apply', ...all);
    expect(cells(swept.stdout).map((row) => row.slice(0, 3))).toEqual([
      ['run', `user_purchase/stage/${day}/two/`, 'superseded'],
    ]);
    expect(await bucket.keys()).toEqual([
      manifestKey('user_purchase/stage', parseDs(day)),
      `user_purchase/stage/${day}/one/file`,
      `user_purchase/stage/${day}/three/file`,
    ]);
  });

  it('keeps a day whose manifest it cannot read, says so, and sweeps the rest', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(manifestKey('user_purchase/stage', parseDs(day)), '{"version":9}');
    await bucket.put(`user_purchase/stage/${day}/dead/file`, 'x');
    await bucket.put(`user_purchase/stage/2010-12-02/dead/file`, 'x');
    const { code, stderr } = await operator(bucket.env, 'sweep', '--apply', ...all);
    expect(code).toBe(65);
    expect(stderr).toContain(`manifest of user_purchase/stage of ${day} cannot be read`);
    expect(await bucket.keys()).toEqual([
      manifestKey('user_purchase/stage', parseDs(day)),
      `user_purchase/stage/${day}/dead/file`,
    ]);
  });

  it('rejects an invalid age', async () => {
    await using bucket = await freshBucket(cloud);
    const { code, stderr } = await operator(bucket.env, 'sweep', '--older=soon');
    expect(code).toBe(64);
    expect(stderr).toContain('--older must be a time such as 30m, 24h or 7d');
  });
});

describe('on a host with a wrong clock', () => {
  const off = ({ env }: TestBucket, milliseconds: number) => ({
    ...env,
    ...wrongClock(milliseconds),
  });
  const dead = `user_purchase/stage/${day}/dead/file`;

  it('removes nothing new and no held day when the host is a day ahead', async () => {
    await using bucket = await freshBucket(cloud);
    const held = `movie_review/load/${day}/dead/movie.csv`;
    await bucket.put(dead, 'x');
    await bucket.put(held, 'x');
    await lease(bucket, day, 'alive', Date.now() + hour);
    const before = await bucket.keys();
    const ahead = await operator(off(bucket, 25 * hour), 'sweep', '--apply');
    expect(ahead).toMatchObject({ code: 0, stdout: 'nothing to sweep\n' });
    expect(await bucket.keys()).toEqual(before);
    const swept = await operator(off(bucket, 25 * hour), 'sweep', '--apply', ...all);
    expect(swept.code, swept.stderr).toBe(0);
    expect(await bucket.keys()).toEqual(before.filter((key) => key !== dead));
  });

  it('removes what is old when the host is a day behind', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(dead, 'x');
    const behind = await operator(off(bucket, -25 * hour), 'sweep', '--apply', ...all);
    expect(behind.code, behind.stderr).toBe(0);
    expect(await bucket.keys()).toEqual([]);
  });

  it('removes what was written in the current second, the unit of S3’s own time', async () => {
    await using bucket = await freshBucket(cloud);
    const { client: s3, name } = bucket;
    const { now } = new ServerClock(s3, () => new Date(Date.now() - 25 * hour));
    // Late in a second, so that the object's time has milliseconds that S3's own time lacks.
    await expect.poll(() => Date.now() % 1_000, { interval: 5 }).toBeGreaterThan(500);
    await bucket.put(dead, 'x');
    const ages = { now: now().getTime(), older: 0, keep: 0 };
    const none = () => Promise.resolve(new Map());
    const { garbage } = await findGarbage({ s3, bucket: name }, none, ages, noneLive);
    expect(garbage.map(({ where }) => where)).toEqual([dead.replace('file', '')]);
  });
});

describe('between the search and the removal', () => {
  /** Searches as if a day had passed. */
  const find = (bucket: TestBucket) =>
    findGarbage(
      { s3: bucket.client, bucket: bucket.name },
      () => Promise.resolve(new Map()),
      { now: Date.now() + 25 * hour, older: 24 * hour, keep: 0 },
      noneLive,
    );

  it('a run that is published in the meantime stays', async () => {
    await using bucket = await freshBucket(cloud);
    const { manifest } = await publish(bucket, 'user_purchase/stage', day, { run: 'one' });
    // The run paused for a day between its last file and its manifest.
    const pointer = manifestKey('user_purchase/stage', parseDs(day));
    const last = await bucket.text(pointer);
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: pointer }));
    const { garbage } = await find(bucket);
    expect(garbage).toMatchObject([{ kind: 'run', why: 'never published' }]);
    await bucket.put(pointer, last);
    const where = { s3: bucket.client, bucket: bucket.name };
    expect(await removeGarbage(where, garbage, sweeping)).toMatchObject([{ outcome: 'left' }]);
    expect(await bucket.keys()).toContain(manifest.files[0]?.key);
  });

  it('a run that writes again stays, and so does a renewed lease', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(`user_purchase/stage/${day}/one/file`, 'x');
    await lease(bucket, day, 'one', Date.now() - hour);
    const found = await find(bucket);
    expect(found.garbage.map(({ kind }) => kind)).toEqual(['run', 'lease']);
    const started = Date.now();
    await expect
      .poll(async () => {
        await bucket.put(`user_purchase/stage/${day}/one/more`, 'x');
        return Math.floor(Date.now() / 1_000) > Math.floor(started / 1_000);
      })
      .toBe(true);
    await lease(bucket, day, 'one', Date.now() + hour);
    const where = { s3: bucket.client, bucket: bucket.name };
    const removals = await removeGarbage(where, found.garbage, sweeping);
    expect(removals.map(({ outcome }) => outcome)).toEqual(['left', 'left']);
    expect(await bucket.keys()).toHaveLength(3);
    const store = new ManifestStore(bucket.client, bucket.name);
    expect(await store.read('user_purchase/stage', parseDs(day))).toBeUndefined();
  });

  it('a run whose day is taken in the meantime stays', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(`movie_review/load/${day}/one/movie.csv`, 'x');
    const { garbage } = await find(bucket);
    expect(garbage).toMatchObject([{ kind: 'run', why: 'never published' }]);
    await lease(bucket, day, 'one', Date.now() + hour);
    const where = { s3: bucket.client, bucket: bucket.name };
    expect(await removeGarbage(where, garbage, sweeping)).toMatchObject([{ outcome: 'left' }]);
    expect(await bucket.keys()).toHaveLength(2);
  });

  it('a failed removal is reported and does not stop the others', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(`user_purchase/stage/${day}/one/file`, 'x');
    await bucket.put(`user_purchase/stage/2010-12-02/one/file`, 'x');
    const { garbage } = await find(bucket);
    expect(garbage).toHaveLength(2);
    await bucket.put(manifestKey('user_purchase/stage', parseDs(day)), 'no JSON');
    const where = { s3: bucket.client, bucket: bucket.name };
    const removals = await removeGarbage(where, garbage, sweeping);
    expect(removals.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'data' }, 'removed']);
  });
});

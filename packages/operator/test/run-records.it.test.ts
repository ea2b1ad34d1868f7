/** What operators see of the records of runs, and how long they stay. */
import { parseDs } from '@user-behaviour/shared/ds';
import { runRecordKey } from '@user-behaviour/shared/keys';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import { startHttpProxy, s3ErrorReply } from '@user-behaviour/testkit/proxies/http-proxy';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { findGarbage } from '../src/sweep/find-garbage.ts';
import { removeGarbage } from '../src/sweep/sweep-apply.ts';
import { publish } from './publish.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '2010-12-01';

/** A process of the job leaves records that end at this time. */
async function leave(
  bucket: TestBucket,
  job: string,
  finishedAt: Date,
  more: Readonly<Record<string, unknown>> = {},
  key?: string,
) {
  const run = `r${String(finishedAt.getTime())}`;
  const record = {
    ...{ job, version: '1', ds: day, run, status: 'published', exit: 0, seconds: 1, phases: [] },
    startedAt: new Date(finishedAt.getTime() - 1_000),
    finishedAt,
    ...more,
  };
  await bucket.put(key ?? runRecordKey(job, run), `${JSON.stringify(record)}\n`);
}

const failed = {
  ...{ status: 'failed', exit: 65, kind: 'data' },
  ...{ message: '2 purchases have no price', action: 'correct the source' },
};
const minute = 60_000;

describe('the records of runs', () => {
  it('are the history of a day', async () => {
    await using bucket = await freshBucket(cloud);
    const none = await operator(bucket.env, 'runs', `--ds=${day}`);
    expect(none).toMatchObject({ code: 0, stdout: `no run of ${day} has left a record\n` });

    const now = Date.now();
    await leave(bucket, 'extract-purchases', new Date(now - 2 * minute), failed);
    await leave(bucket, 'extract-purchases', new Date(now - minute));
    // The same process, whose first answer was lost.
    await leave(
      bucket,
      'extract-purchases',
      new Date(now - minute),
      {},
      'runs/extract-purchases/x.y.jsonl',
    );
    await leave(bucket, 'stage-reviews', new Date(now), { ds: '2010-12-02' });
    await bucket.put('runs/emr-clean/broken.jsonl', '{"job":"emr-');
    const shown = await operator(bucket.env, 'runs', `--ds=${day}`);
    expect(shown).toMatchObject({ code: 0, stderr: '1 lines of records of runs cannot be read\n' });
    expect(cells(shown.stdout).map((row) => [row[1], row[2], row[4], row[5], row[7]])).toEqual([
      ['extract-purchases', '1', 'failed', '65', expect.stringContaining('no price')],
      ['extract-purchases', '2', 'published', '0', undefined],
    ]);
    const { stdout } = await operator(bucket.env, 'runs', `--ds=${day}`, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ds: day,
      runs: [
        { attempt: 1, ...failed },
        { attempt: 2, status: 'published' },
      ],
    });
  });

  it('make a day failed until a later run mends it, even a day without data', async () => {
    await using bucket = await freshBucket(cloud);
    const stateOf = async () => {
      const { code, stdout, stderr } = await operator(bucket.env, 'status');
      expect(code).toBe(0);
      return { states: cells(stdout).map((row) => row.slice(0, 2)), stderr };
    };
    await leave(bucket, 'extract-purchases', new Date(), failed);
    const told = `${day}: extract-purchases failed with 65: 2 purchases have no price (make runs DS=${day})\n`;
    expect(await stateOf()).toEqual({ states: [[day, 'failed']], stderr: told });
    const document = await operator(bucket.env, 'status', '--json');
    expect(JSON.parse(document.stdout)).toMatchObject({
      days: [{ ds: day, state: 'failed', failure: { job: 'extract-purchases', exit: 65 } }],
    });

    await publish(bucket, 'user_purchase/stage', day);
    expect(await stateOf()).toEqual({ states: [[day, 'incomplete']], stderr: '' });
    // A failure after the publication counts again, one that a retry can help does not.
    await leave(bucket, 'extract-purchases', new Date(Date.now() + minute), failed);
    expect((await stateOf()).states).toEqual([[day, 'failed']]);
    const passing = { ...failed, kind: 'transient', exit: 75 };
    await leave(bucket, 'extract-purchases', new Date(Date.now() + 2 * minute), passing);
    expect((await stateOf()).states).toEqual([[day, 'incomplete']]);
  });

  it('are not needed for the status, but runs says that they cannot be read', async () => {
    await using bucket = await freshBucket(cloud);
    await publish(bucket, 'user_purchase/stage', day);
    await leave(bucket, 'extract-purchases', new Date(), failed);
    await using proxy = await startHttpProxy(String(bucket.env['AWS_ENDPOINT_URL_S3']));
    proxy.rules.push({
      when: ({ method, url }) => method === 'GET' && url.includes('/runs/'),
      instead: () => s3ErrorReply(403, 'AccessDenied'),
    });
    const env = { ...bucket.env, AWS_ENDPOINT_URL_S3: proxy.url };
    const status = await operator(env, 'status');
    expect(status.code).toBe(0);
    expect(cells(status.stdout).map((row) => row.slice(0, 2))).toEqual([[day, 'incomplete']]);
    expect(status.stderr).toContain('the records of runs are left out: ');
    expect(await operator(env, 'runs', `--ds=${day}`)).toMatchObject({ code: 78, stdout: '' });
  });

  it('are swept when they are older than KEEP_RECORDS, and a second sweep finds none', async () => {
    await using bucket = await freshBucket(cloud);
    const where = { s3: bucket.client, bucket: bucket.name };
    await publish(bucket, 'user_purchase/stage', day);
    await leave(bucket, 'extract-purchases', new Date());
    await leave(bucket, 'redshift-load', new Date());
    const before = await bucket.keys();
    const dayLong = 24 * 60 * minute;
    const find = async (later: number) => {
      const ages = { now: Date.now() + later, older: 0, keep: 0, keepRecords: 90 * dayLong };
      const nothing = () => Promise.resolve(new Map<never, never>());
      const live = () => Promise.resolve(new Set<never>());
      return (await findGarbage(where, nothing, ages, live)).garbage;
    };
    expect(await find(89 * dayLong)).toEqual([]);
    const old = await find(91 * dayLong);
    const records = before.filter((key) => key.startsWith('runs/'));
    expect(old.map((item) => [item.kind, item.where])).toEqual(
      records.map((key) => ['record', key]),
    );
    const { signal } = new AbortController();
    const removals = await removeGarbage(where, old, { now: () => new Date(), signal });
    expect(removals.map(({ outcome }) => outcome)).toEqual(['removed', 'removed']);
    expect(await bucket.keys()).toEqual(before.filter((key) => !key.startsWith('runs/')));
    expect(await find(91 * dayLong)).toEqual([]);
    expect((await operator(bucket.env, 'status', `--from=${parseDs(day)}`)).code).toBe(0);
  });
});

/** What the job leaves about its runs, also when they fail, are killed, or may not write it. */
import { runRecordKey } from '@user-behaviour/shared/keys';
import { type BundledJob, bundleJob, type Entry } from '@user-behaviour/testkit/bundled-job';
import { s3ErrorReply, startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadFixture } from './load-fixture.ts';
import { expected, more, openSmallDay } from './small-day.ts';
import { stagePurchases } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  // The first load also makes and migrates the tables.
  await using fixture = await openSmallDay(cloud, job);
  expect(await fixture.load()).toMatchObject({ code: 0 });
  return () => cloud[Symbol.asyncDispose]();
});

const keyOf = (run: string) => runRecordKey('redshift-load', run);

async function linesOf({ bucket }: LoadFixture, key: string): Promise<Entry[]> {
  const text = await bucket.text(key);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
}

const recordKeys = ({ bucket }: LoadFixture) => bucket.keys('runs/');

describe('the record of a load', () => {
  it('has the facts of the summary line, when it began and ended, and no row', async () => {
    await using fixture = await openSmallDay(cloud, job);
    const { code, summaries } = await fixture.load('--run-id=one');
    expect(code).toBe(0);
    const [record = {}, ...others] = await linesOf(fixture, keyOf('one'));
    expect(others).toEqual([]);
    const loadSql = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(record).toMatchObject({ ...summaries[0], exit: 0, parameters: { loadSql } });
    const [startedAt = '', finishedAt = ''] = [record['startedAt'], record['finishedAt']].map(
      String,
    );
    expect(new Date(startedAt).toISOString()).toBe(startedAt);
    expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt));
  });

  it('stays as it is when a retry has the same run: that one adds an object', async () => {
    await using fixture = await openSmallDay(cloud, job);
    await fixture.load('--run-id=one');
    const before = await fixture.bucket.text(keyOf('one'));
    const { summaries } = await fixture.load('--run-id=one');
    expect(await fixture.bucket.text(keyOf('one'))).toBe(before);
    const [added = '', ...others] = (await recordKeys(fixture)).filter(
      (key) => key !== keyOf('one'),
    );
    expect(others).toEqual([]);
    expect(added).toMatch(/^runs\/redshift-load\/one\.\w+-\w+\.jsonl$/);
    expect(await linesOf(fixture, added)).toMatchObject(summaries);
  });

  it('names the audit that failed', async () => {
    await using fixture = await openSmallDay(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2', rows: 99 });
    expect(await fixture.load('--run-id=bad')).toMatchObject({ code: 65 });
    expect(await linesOf(fixture, keyOf('bad'))).toMatchObject([
      {
        ds: fixture.ds,
        status: 'failed',
        exit: 65,
        kind: 'data',
        message: expect.stringContaining('audit purchases_conserved failed') as string,
        action: expect.stringContaining('purchases_conserved.sql') as string,
      },
    ]);
  });

  it('of another run is whole if a load is killed, and the killed one has none', async () => {
    await using fixture = await openSmallDay(cloud, job);
    await fixture.warehouse.script({
      kind: 'hold',
      operation: 'BatchExecuteStatement',
      milliseconds: 5_000,
    });
    const doomed = fixture.start('--run-id=dead');
    const name = `redshift-load/${fixture.ds}/dead/partitions-1`;
    await expect
      .poll(() => fixture.warehouse.statements(name), { timeout: 60_000 })
      .toMatchObject([{ Status: 'SUBMITTED' }]);
    const other = fixture.start('--run-id=next');
    doomed.child.kill('SIGKILL');
    await doomed.ended;
    const { code, summaries } = await other.ended;
    expect(code).toBe(0);
    expect(await recordKeys(fixture)).toEqual([keyOf('next')]);
    expect(await linesOf(fixture, keyOf('next'))).toMatchObject(summaries);
    expect(await fixture.slice()).toEqual(expected);
  });

  it.each([
    ['it may not be written', s3ErrorReply(403, 'AccessDenied'), 0],
    ['the bucket does not answer', undefined, 0],
    ['it may not be written, and the day fails', s3ErrorReply(403, 'AccessDenied'), 65],
  ])('costs a line of the log and no exit code if %s', async (_, reply, exit) => {
    await using fixture = await openSmallDay(cloud, job);
    if (exit === 65)
      await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2', rows: 99 });
    await using proxy = await startHttpProxy(String(fixture.env['AWS_ENDPOINT_URL_S3']));
    proxy.rules.push({
      when: ({ method, url }) => method === 'PUT' && url.includes('/runs/'),
      instead: () => reply ?? new Promise(() => undefined),
    });
    const env = { ...fixture.env, AWS_ENDPOINT_URL_S3: proxy.url };
    const { code, summaries, log } = await job.run(env, `--ds=${fixture.ds}`, '--run-id=one');
    expect([code, summaries[0]?.['exit']]).toEqual([exit, exit]);
    expect(log).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(
          /could not be sent to s3:\/\/.*(AccessDenied|no answer within 1 s)/,
        ) as string,
      }),
    );
    expect(await recordKeys(fixture)).toEqual([]);
  });

  it('is left neither by a plan nor by checks', async () => {
    await using fixture = await openSmallDay(cloud, job);
    expect(await fixture.load('--dry-run')).toMatchObject({ code: 0 });
    await job.run(fixture.env, '--check');
    expect(await recordKeys(fixture)).toEqual([]);
  });
});

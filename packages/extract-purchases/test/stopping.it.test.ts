import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileName, insertRow, type Fixture, stage, tableDdl } from './fixture.ts';
import { openWideFixture } from './wide-fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 600_000 });

const day = '--ds=2010-12-01';

/** A table that returns `rows` rows of about 1 kB at once and then sleeps for minutes. */
const openSlowFixture = (rows: number): Promise<Fixture> =>
  openWideFixture(
    cloud,
    rows + 5,
    `repeat('y', 950) || case when n > ${String(rows)} then pg_sleep(300)::text else '' end`,
  );

const isAsleep = async (fixture: Fixture) =>
  (await fixture.sessions()).some(
    (session) => (session as { wait_event: string | null }).wait_event === 'PgSleep',
  );

async function expectNothingLeftBehind(fixture: Fixture): Promise<void> {
  await expect.poll(() => fixture.sessions(), { timeout: 60_000 }).toEqual([]);
  expect(await fixture.openUploads()).toBe(0);
  expect(await fixture.bucket.keys()).toEqual([]);
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('before the first row ends the job with 143 and leaves no query behind', async () => {
    await using fixture = await openSlowFixture(0);
    const { child, ended } = job.start(fixture.env, day);
    await expect.poll(() => isAsleep(fixture), { timeout: 60_000 }).toBe(true);
    child.kill(signal);
    const { code, summaries } = await ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([
      { status: 'failed', kind: 'interrupted', message: `stopped by ${signal}`, exit: 143 },
    ]);
    await expectNothingLeftBehind(fixture);
  });

  it('between two row groups of Parquet leaves nothing behind', async () => {
    await using fixture = await openSlowFixture(20_000);
    const { child, ended } = job.start({ ...fixture.env, OUTPUT_FORMAT: 'parquet' }, day);
    await expect.poll(() => isAsleep(fixture), { timeout: 60_000 }).toBe(true);
    child.kill(signal);
    const { code, summaries } = await ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([{ kind: 'interrupted' }]);
    await expectNothingLeftBehind(fixture);
  });

  it('in the middle of a multipart upload also aborts the upload', async () => {
    await using fixture = await openSlowFixture(20_000);
    const { child, ended } = job.start(fixture.env, day);
    await expect
      .poll(async () => (await isAsleep(fixture)) && (await fixture.openUploads()) === 1, {
        timeout: 60_000,
      })
      .toBe(true);
    child.kill(signal);
    const { code, summaries } = await ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([{ kind: 'interrupted' }]);
    await expectNothingLeftBehind(fixture);
  });
});

describe('a connection that the source terminates in the middle of a copy', () => {
  it('fails the run as transient and leaves nothing behind', async () => {
    await using fixture = await openSlowFixture(20_000);
    const { ended } = job.start(fixture.env, day);
    await expect.poll(() => fixture.openUploads(), { timeout: 60_000 }).toBe(1);
    await fixture.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'extract-purchases'`,
    );
    const { code, summaries } = await ended;
    expect(code).toBe(75);
    expect(summaries).toMatchObject([{ kind: 'transient', exit: 75 }]);
    await expectNothingLeftBehind(fixture);
  });
});

describe('a killed run', () => {
  it('leaves the day unchanged, and the next run succeeds (I5)', async () => {
    await using fixture = await openSlowFixture(20_000);
    const { child, ended } = job.start(fixture.env, day);
    await expect.poll(() => fixture.openUploads(), { timeout: 60_000 }).toBe(1);
    child.kill('SIGKILL');
    await ended;
    expect(await fixture.bucket.keys()).toEqual([]);
    await fixture.database.query('drop schema retail cascade');
    await fixture.database.query(tableDdl);
    await fixture.database.query(insertRow('2010-12-01 08:00'));
    const again = await job.start(fixture.env, day, '--run-id=two').ended;
    expect(again.summaries).toMatchObject([{ status: 'published', rows: 1, generation: 1 }]);
    expect(await fixture.bucket.keys()).toContain(`${stage}/2010-12-01/two/${fileName}`);
  });
});

/** What can be wrong, by image and by bundle on the host: the same exit code for the same reason. */
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { beforeAll, describe, expect, it } from 'vitest';
import { runImage, type Variables } from './job-container.ts';
import { openPipelineFixture, type PipelineFixture } from './pipeline-fixture.ts';

let cloud: TestCloud;
const bundles = new Map<JobName, BundledJob>();
beforeAll(async () => {
  for (const job of jobs) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '--ds=2010-12-01';

/** Without what differs from one run to the next. */
const reason = ({ code, summaries, log }: Ended) => ({
  code,
  summaries: summaries.map(({ status, kind, message, action, exit }) => ({
    status,
    kind,
    message,
    action,
    exit,
  })),
  log: log.map(({ text, msg, kind }) => ({ text, msg, kind })),
});

/** The exit code, after the image and the host gave the same one and the same reason. */
async function exitOf(job: JobName, env: Variables, ...argv: string[]): Promise<number | null> {
  const image = await runImage(job, env, ...argv);
  const host = await bundles.get(job)?.run(env, ...argv);
  expect(host && reason(host)).toEqual(reason(image));
  return image.code;
}

describe.each(jobs)('%s', (job) => {
  it('ends with 64 for a wrong command line', async () => {
    expect(await exitOf(job, {}, '--ds=2010-02-30')).toBe(64);
    expect(await exitOf(job, {})).toBe(64);
    expect(await exitOf(job, {}, day, '--fast')).toBe(64);
  });

  it('ends with 78 when its variables are missing', async () => {
    expect(await exitOf(job, {}, day)).toBe(78);
  });

  it('tells its options and variables with --help, and ends with 0', async () => {
    const { code, summaries } = await runImage(job, {}, '--help');
    expect(code).toBe(0);
    expect(JSON.stringify(summaries)).toMatch(/--ds.*PIPELINE_BUCKET.*KUBERNETES_JOB_NAME/);
  });
});

describe('what is not there yet', () => {
  it.each<[JobName, (fixture: PipelineFixture) => Variables]>([
    [
      'extract-purchases',
      ({ env }) => ({ ...env, SOURCE_DATABASE_URL: 'postgres://reader:pw@127.0.0.1:1/retail' }),
    ],
    ['stage-reviews', ({ env }) => env],
    ['emr-clean', ({ env }) => env],
    ['redshift-load', ({ env }) => env],
  ])('ends with 75: %s', async (job, variables) => {
    await using fixture = await openPipelineFixture(cloud);
    expect(await exitOf(job, variables(fixture), day)).toBe(75);
  });
});

describe('wrong data', () => {
  it('ends with 65: a source that lacks a column', async () => {
    await using fixture = await openPipelineFixture(cloud);
    await fixture.database.query('alter table retail.user_purchase drop column country');
    expect(await exitOf('extract-purchases', fixture.env, day)).toBe(65);
  });

  it('ends with 65: reviews under another header', async () => {
    await using fixture = await openPipelineFixture(cloud);
    await fixture.bucket.put('vendor/2010-12-01.csv', 'id,text\n1,good\n');
    expect(await exitOf('stage-reviews', fixture.env, day)).toBe(65);
  });
});

/** Failures of the image and of the bundle on the host: the same exit code and the same reason. */
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Program, runImage, type Variables } from './job-container.ts';
import { openPipelineFixture, type PipelineFixture } from './pipeline-fixture.ts';

let cloud: TestCloud;
const bundles = new Map<Program, BundledJob>();
const capture = 'capture-purchases';
beforeAll(async () => {
  for (const job of [...jobs, capture] as const) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '--ds=2010-12-01';

/** The parts of the result that are equal in every run. */
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

/** The exit code of the image, which must fail like the bundle on the host. */
async function exitOf(job: Program, env: Variables, ...argv: string[]): Promise<number | null> {
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

  it('ends with 78 if its variables are missing', async () => {
    expect(await exitOf(job, {}, day)).toBe(78);
  });

  it('prints its options and variables with --help and ends with 0', async () => {
    const { code, summaries } = await runImage(job, {}, '--help');
    expect(code).toBe(0);
    expect(JSON.stringify(summaries)).toMatch(/--ds.*PIPELINE_BUCKET.*KUBERNETES_JOB_NAME/);
  });
});

describe('capture-purchases', () => {
  it('ends with 64 for a day, and with 78 if its variables are missing', async () => {
    expect(await exitOf(capture, {}, day)).toBe(64);
    expect(await exitOf(capture, {})).toBe(78);
  });

  it('ends with 65 before its first reset', async () => {
    await using fixture = await openPipelineFixture(cloud);
    expect(await exitOf(capture, fixture.env)).toBe(65);
  });

  it('ends with 75 without its source', async () => {
    await using fixture = await openPipelineFixture(cloud);
    const source = { SOURCE_DATABASE_URL: 'postgres://capture:pw@127.0.0.1:1/retail' };
    expect(await exitOf(capture, { ...fixture.env, ...source })).toBe(75);
  });
});

describe('a missing input', () => {
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
  it('ends with 65: a source without a column', async () => {
    await using fixture = await openPipelineFixture(cloud);
    await fixture.database.query('alter table retail.user_purchase drop column country');
    expect(await exitOf('extract-purchases', fixture.env, day)).toBe(65);
  });

  it('ends with 65: reviews with another header', async () => {
    await using fixture = await openPipelineFixture(cloud);
    await fixture.bucket.put('vendor/2010-12-01.csv', 'id,text\n1,good\n');
    expect(await exitOf('stage-reviews', fixture.env, day)).toBe(65);
  });
});

/** The operator with RUNNER=docker: `make run` and `make backfill` with the images. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { day, expectedSlice, putPurchases, putReviews, slice } from './known-day.ts';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import { openPipelineFixture, type PipelineFixture } from './pipeline-fixture.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const next = '2010-12-02';

/** The statuses of the four jobs, by day. */
async function statuses(fixture: PipelineFixture, ...argv: string[]) {
  const { code, stdout, stderr } = await operator({ ...fixture.env, RUNNER: 'docker' }, ...argv);
  expect(code, stderr).toBe(0);
  const words = cells(stdout).map(([ds = '', ...jobs]) => [
    ds,
    jobs.map((job) => job.split(' ')[0]),
  ]);
  return Object.fromEntries(words) as Record<string, string[]>;
}

const done = ['published', 'published', 'published', 'loaded'];
const unchanged = ['unchanged', 'unchanged', 'unchanged', 'unchanged'];

it('does a day, then the missing days of a range, and no day twice (I3)', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await putPurchases(fixture);
  await putReviews(fixture);
  expect(await statuses(fixture, 'run', `--ds=${day}`)).toEqual({ [day]: done });
  expect(await slice(fixture)).toEqual(expectedSlice());

  await fixture.bucket.put(`vendor/${next}.csv`, 'cid,review_str\n1,good\n');
  const range = ['backfill', `--from=${day}`, `--to=${next}`];
  expect(await statuses(fixture, ...range)).toEqual({ [day]: unchanged, [next]: done });
  expect(await statuses(fixture, ...range)).toEqual({ [day]: unchanged, [next]: unchanged });
  expect(await slice(fixture)).toEqual(expectedSlice());
});

it('reports a missing image and how to build it', async () => {
  await using fixture = await openPipelineFixture(cloud);
  const env = { ...fixture.env, RUNNER: 'docker', IMAGE_TAG: 'never-built' };
  const { code, stderr } = await operator(env, 'run', `--ds=${day}`);
  expect(code).toBe(78);
  expect(stderr).toContain('extract-purchases:never-built');
  expect(stderr).toContain('make images');
  // It is found before any job starts.
  expect(await fixture.bucket.keys()).toEqual([]);
});

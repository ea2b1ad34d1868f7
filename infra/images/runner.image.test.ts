/** The operator with RUNNER=docker: `make run` and `make backfill` by the images. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { day, expectedSlice, putPurchases, putReviews, slice } from './known-day.ts';
import { operator } from './operator-command.ts';
import { openPipelineFixture, type PipelineFixture } from './pipeline-fixture.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const next = '2010-12-02';

/** What became of the four jobs, by day. */
async function done(fixture: PipelineFixture, ...argv: string[]) {
  const { code, table, stderr } = await operator({ ...fixture.env, RUNNER: 'docker' }, ...argv);
  expect(code, stderr).toBe(0);
  const words = table.map(([ds = '', ...jobs]) => [ds, jobs.map((job) => job.split(' ')[0])]);
  return Object.fromEntries(words) as Record<string, string[]>;
}

const anew = ['published', 'published', 'published', 'loaded'];
const left = ['unchanged', 'unchanged', 'unchanged', 'unchanged'];

it('does a day, then the days that lack of a range, and no day twice (I3)', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await putPurchases(fixture);
  await putReviews(fixture);
  expect(await done(fixture, 'run', `--ds=${day}`)).toEqual({ [day]: anew });
  expect(await slice(fixture)).toEqual(expectedSlice());

  await fixture.bucket.put(`vendor/${next}.csv`, 'cid,review_str\n1,good\n');
  const range = ['backfill', `--from=${day}`, `--to=${next}`];
  expect(await done(fixture, ...range)).toEqual({ [day]: left, [next]: anew });
  expect(await done(fixture, ...range)).toEqual({ [day]: left, [next]: left });
  expect(await slice(fixture)).toEqual(expectedSlice());
});

it('tells of an image that is not there, and how to build it', async () => {
  await using fixture = await openPipelineFixture(cloud);
  const env = { ...fixture.env, RUNNER: 'docker', IMAGE_TAG: 'never-built' };
  const { code, stderr } = await operator(env, 'run', `--ds=${day}`);
  expect(code).toBe(78);
  expect(stderr).toContain('extract-purchases:never-built');
  expect(stderr).toContain('make -C infra images');
  // Found before any job was started.
  expect(await fixture.bucket.keys()).toEqual([]);
});

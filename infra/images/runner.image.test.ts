/** The operator with RUNNER=docker: `make run` and `make backfill` by the images. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { day, expectedSlice, putPurchases, putReviews, slice } from './known-day.ts';
import { operator } from './operator-command.ts';
import { openDesk, type PipelineDesk } from './pipeline-desk.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const next = '2010-12-02';

/** What became of the four jobs, by day. */
async function done(desk: PipelineDesk, ...argv: string[]) {
  const { code, table, stderr } = await operator({ ...desk.env, RUNNER: 'docker' }, ...argv);
  expect(code, stderr).toBe(0);
  const words = table.map(([ds = '', ...jobs]) => [ds, jobs.map((job) => job.split(' ')[0])]);
  return Object.fromEntries(words) as Record<string, string[]>;
}

const anew = ['published', 'published', 'published', 'loaded'];
const left = ['unchanged', 'unchanged', 'unchanged', 'unchanged'];

it('does a day, then the days that lack of a range, and no day twice (I3)', async () => {
  await using desk = await openDesk(cloud);
  await putPurchases(desk);
  await putReviews(desk);
  expect(await done(desk, 'run', `--ds=${day}`)).toEqual({ [day]: anew });
  expect(await slice(desk)).toEqual(expectedSlice());

  await desk.bucket.put(`vendor/${next}.csv`, 'cid,review_str\n1,good\n');
  const range = ['backfill', `--from=${day}`, `--to=${next}`];
  expect(await done(desk, ...range)).toEqual({ [day]: left, [next]: anew });
  expect(await done(desk, ...range)).toEqual({ [day]: left, [next]: left });
  expect(await slice(desk)).toEqual(expectedSlice());
});

it('tells of an image that is not there, and how to build it', async () => {
  await using desk = await openDesk(cloud);
  const env = { ...desk.env, RUNNER: 'docker', IMAGE_TAG: 'never-built' };
  const { code, stderr } = await operator(env, 'run', `--ds=${day}`);
  expect(code).toBe(78);
  expect(stderr).toContain('extract-purchases:never-built');
  expect(stderr).toContain('make -C infra images');
  // Found before any job was started.
  expect(await desk.bucket.keys()).toEqual([]);
});

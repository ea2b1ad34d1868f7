/** A history of the length of the article's, whose changes are captured: a sample of it is in backfill.it.test.ts. */
import { jobs } from '@user-behaviour/shared/pipeline';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { changeHistory } from './captured-history.ts';

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

it('305 days with 5,000 random changes: one capture and one catchup equal a rebuild', async () => {
  await expect(changeHistory(cloud, { days: 305, changes: 5_000 })).resolves.toBeUndefined();
}, 1_200_000);

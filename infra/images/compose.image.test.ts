/** infra/compose.yaml's very services, started without Compose, and a day on them by compose.env. */
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { jobs } from '@user-behaviour/shared/pipeline';
import { beforeAll, expect, it } from 'vitest';
import { buildServices, type ComposeServices, startServices } from './compose-services.ts';
import { day, expectedSlice, putPurchases, putReviews, slice } from './known-day.ts';
import { operator } from './operator-command.ts';
import { openPipelineFixture } from './pipeline-fixture.ts';

let services: ComposeServices;
// The image of the endpoints has Spark and Java in it: a first build takes minutes.
beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  await buildServices();
  services = await startServices();
  return () => services[Symbol.asyncDispose]();
}, 900_000);

it('are healthy, and do a day as `make run` asks it of them', async () => {
  await using fixture = await openPipelineFixture(services);
  await putPurchases(fixture);
  await putReviews(fixture);
  const run = await operator(fixture.env, 'run', `--ds=${day}`);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(await slice(fixture)).toEqual(expectedSlice());
});

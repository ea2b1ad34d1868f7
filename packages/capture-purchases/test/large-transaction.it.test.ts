/** What one large transaction needs (I9). */
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFixture } from './fixture.ts';

let cloud: TestCloud;
let capture: BundledJob;
beforeAll(async () => {
  capture = await bundleJob('capture-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** Makes the job log its peak memory (maxRSS, in kB) to stderr when it exits. */
const reporter = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from "node:fs";
   process.on("exit", () => writeSync(2, JSON.stringify(process.resourceUsage()) + "\\n"))`,
)}`;

it('a million rows in one transaction need less than 128 MB', async () => {
  await using fixture = await openFixture(cloud);
  expect((await capture.run(fixture.env, '--reset')).code).toBe(0);
  await fixture.database.query(
    `insert into retail.user_purchase
     select '536365', '71053', 'WHITE METAL LANTERN', 6, timestamp '2010-12-01' + n * interval '1 second', 3.39, n, 'United Kingdom'
     from generate_series(0, 999999) as n`,
  );
  const env = { ...fixture.env, NODE_OPTIONS: `--import=${reporter} --max-semi-space-size=8` };
  const { summaries, log } = await capture.run(env);
  expect(summaries).toMatchObject([{ status: 'published', changes: 1_000_000 }]);
  expect((await fixture.head()).days['2010-12-01' as never]).toMatchObject({ rows: 86_400 });
  const peak = Number(log.find((line) => 'maxRSS' in line)?.['maxRSS']) / 1_024;
  expect(peak).toBeGreaterThan(20);
  expect(peak).toBeLessThan(128);
}, 600_000);

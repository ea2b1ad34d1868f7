/** The Spark UI of a day that the real jobs have run. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';

const ds = '2010-12-01';
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'spark-ui-'))).path;
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  env = await seeded({ ...bucket.env, ...source }, folder);
  const ran = await operator('run', `--ds=${ds}`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return () => stack.disposeAsync();
}, 600_000);

const operator = (...argv: string[]) => runOperator(env, ...argv);

interface Listed {
  readonly name: string;
  readonly attempts: readonly { readonly startTimeEpoch: number; readonly endTimeEpoch: number }[];
}

it('has the application that cleaned the day; a second command finds the same server', async () => {
  const first = await operator('spark-ui', `--ds=${ds}`);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  const link = first.stdout.trim();
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const [, from = '', to = ''] =
    /cleaned 2010-12-01: .* step s-[0-9A-Z]{13}, from (\S+) to (\S+)\n/.exec(first.stderr) ?? [];

  const listed = async () => {
    const reply = await fetch(new URL('/api/v1/applications', link));
    const found = (await reply.json()) as readonly Listed[];
    return found.filter(({ attempts: [one] }) => {
      const { startTimeEpoch: start = 0, endTimeEpoch: end = 0 } = one ?? {};
      return start >= Date.parse(from) && end > start && end <= Date.parse(to);
    });
  };
  await expect
    .poll(listed, { timeout: 60_000 })
    .toEqual([expect.objectContaining({ name: 'random_text_classification' })]);

  expect((await operator('spark-ui', `--ds=${ds}`)).stdout).toBe(first.stdout);
  // Of the cluster, without a day.
  expect((await operator('spark-ui')).stdout).toBe(first.stdout);
}, 600_000);

it('says what is missing', async () => {
  const other = await operator('spark-ui', '--ds=2010-12-09');
  expect(other).toMatchObject({ code: 65, stdout: '' });
  expect(other.stderr).toContain('no run record of emr-clean names a cluster for 2010-12-09');

  const none = await runOperator({ ...env, EMR_CLUSTER_ID: '' }, 'spark-ui');
  expect(none).toMatchObject({ code: 64, stdout: '' });
  expect(none.stderr).toContain('--ds is missing: without EMR_CLUSTER_ID');
});

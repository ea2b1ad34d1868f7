/** extract-purchases behind a real PgBouncer, with a fault at every call to the source (I5). */
import { parseDs } from '@user-behaviour/shared/ds';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startPgbouncer } from '@user-behaviour/testkit/servers/pgbouncer';
import { expect, it } from 'vitest';
import { countsOf, killAnywhere } from '../src/kill-anywhere.ts';
import { openSource } from './purchases-source.ts';
import { report } from './report.ts';

it('a source behind a pooler survives every fault at every statement', async () => {
  await using cloud = await startTestCloud(['postgres', 's3', 'redshift']);
  const job = await bundleJob('extract-purchases');
  await using source = await openSource(cloud, job, 20, 3);
  // Fewer sessions than jobs at a time: a transaction gets one in which another was killed.
  await using pooler = await startPgbouncer(source.database.url, { default_pool_size: '2' });
  const { env, state } = source.bench;
  const tally = await killAnywhere({
    job,
    env: { ...env, SOURCE_DATABASE_URL: pooler.url },
    state,
    firstDay: parseDs('2010-01-01'),
    chosen: (effect) => effect.startsWith('postgres'),
  });
  report('extract-purchases, through a pooler', countsOf(tally));
  expect(tally.problems).toEqual([]);
  expect(tally.effects).toEqual(expect.arrayContaining(['postgres begin', 'postgres copy']));
  // What is idle belongs to the pooler, and is in no transaction.
  const inTransaction = `select application_name, query from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and xact_start is not null
      and pid <> pg_backend_pid()`;
  const open = () => source.database.query(inTransaction);
  await expect.poll(open, { timeout: 20_000 }).toEqual([]);
}, 600_000);

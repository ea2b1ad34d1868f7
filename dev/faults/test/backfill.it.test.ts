/** A backfill of a range gives the same result as daily runs of its days, in any order, and a catchup that of a backfill. */

import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator } from '@user-behaviour/testkit/operator-command';
import {
  startLocalServers,
  startTestCloud,
  type TestCloud,
} from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import type { Variables } from '../src/inject/fault-proxy.ts';
import { createRandom } from '@user-behaviour/sample/random';
import { baseSeed } from '../src/choice.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { pipelineState } from '../src/observe/pipeline-state.ts';
import { changeHistory } from './captured-history.ts';
import { report } from './report.ts';

const workspace = join(import.meta.dirname, '../../..');
const [from, to] = [parseDs('2010-12-01'), parseDs('2010-12-03')];

let cloud: TestCloud;
let secondWarehouse: TestCloud;
beforeAll(async () => {
  for (const job of ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load']) {
    await bundleJob(job);
  }
  await using stack = new AsyncDisposableStack();
  cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  secondWarehouse = stack.use(
    await startLocalServers(['redshift'], {
      endpoint: cloud.env['AWS_ENDPOINT_URL_S3'] ?? '',
      keys: keyPairOf(cloud.env),
    }),
  );
  const all = stack.move();
  return () => all.disposeAsync();
});

const purchases = `insert into retail.user_purchase
  select n::text, 'S' || n % 50, 'say "hi", ' || n, 100 * random() - 5, day + random() * interval '1 day',
         round((1000 * random())::numeric, 3),
         case when random() < 0.9 then 12000 + 40 * random() end, 'Norway'
  from generate_series(timestamp '2010-11-30', '2010-12-04', '1 day') as day, generate_series(1, 300) as n`;

it('gives the result of daily runs: objects by content, manifests, metric and ledger', async () => {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'backfill-')));
  const random = createRandom(baseSeed(), 'backfill');
  await database.query(await readFile(join(workspace, 'sql/source/001_user_purchase.sql'), 'utf8'));
  await database.query(`select setseed(${random.fraction()}); ${purchases}`);
  const reviews = join(folder.path, 'reviews.csv');
  const lines = Array.from({ length: 200 }, (_, n) => {
    const customer = random.integer(12_000, 12_039);
    return n % 40 === 7
      ? 'no review'
      : `${customer},"${random.chance(0.4) ? 'good' : 'bad'}, ""so"""`;
  });
  await writeFile(reviews, ['cid,review_str', ...lines, ''].join('\n'));
  const open = async (servers: TestCloud) => {
    const bucket = stack.use(await freshBucket(cloud));
    const endpoint = servers.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '';
    const env: Variables = {
      ...bucket.env,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoint,
      SOURCE_DATABASE_URL: database.url,
      REVIEWS_SOURCE: reviews,
      MAX_REJECTED_REVIEWS: '0.1',
    };
    const warehouse = stack.use(new WarehouseInspector(env));
    return { env, state: () => pipelineState(bucket, warehouse, from, to) };
  };
  const [ranged, daily] = [await open(cloud), await open(secondWarehouse)];
  const backfill = await operator(ranged.env, 'backfill', `--from=${from}`, `--to=${to}`);
  expect(backfill.code, backfill.stderr).toBe(0);
  const order = random.shuffle(dsRange(from, to));
  for (const ds of order) {
    const { code, stderr } = await operator(daily.env, 'run', `--ds=${ds}`);
    expect(code, stderr).toBe(0);
  }
  const context = `SEED=${baseSeed()}, daily runs in the order ${order.join(', ')}`;
  const [one, other] = [await ranged.state(), await daily.state()];
  expect(one.metricRows, context).toBeGreaterThan(60);
  expect(one.misplaced, context).toEqual([]);
  expect(other, context).toEqual(one);
  report('a backfill equals daily runs', {}, context, `${one.metricRows} rows`);
}, 600_000);

it('one capture and one catchup after 300 random changes equal a rebuild of 20 days', async () => {
  await expect(changeHistory(cloud, { days: 20, changes: 300 })).resolves.toBeUndefined();
}, 600_000);

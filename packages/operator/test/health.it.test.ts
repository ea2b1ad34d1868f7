import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempDisposable, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { asset } from '@user-behaviour/shared/asset';
import { type Ds, daysFrom, parseDs, previousDs, weeksBefore } from '@user-behaviour/shared/ds';
import { changesHeadKey } from '@user-behaviour/shared/keys';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { operator } from '@user-behaviour/testkit/operator-command';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { purchasesOfDays } from './online-retail-days.ts';
import { publish } from './publish.ts';

let cloud: TestCloud;
let warehouse: WarehouseClient;
beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'redshift']);
  warehouse = new WarehouseClient(cloud.env);
  for (const file of [
    'ddl/040_user_behavior_metric',
    'ddl/050_user_behavior_metric_load',
    'migration/001_load_sql',
  ]) {
    await warehouse.query(asset(`sql/warehouse/${file}.sql`));
  }
  return async () => {
    warehouse[Symbol.dispose]();
    await cloud[Symbol.asyncDispose]();
  };
});

interface LoadedDay {
  readonly ds: Ds;
  readonly purchases: number;
  readonly reviews?: number;
  /** Of the buyers’ ten reviews. */
  readonly positive?: number;
  readonly hours?: number;
  readonly run?: string;
}

/** Rows of the ledger, of loads without customers. */
async function load(days: readonly LoadedDay[]): Promise<void> {
  const rows = days.map(
    ({ ds, purchases, reviews = 100, hours = 6, run = 'one' }) =>
      `('${ds}', 'x', '${run}', 1, 'one', 1, 2, ${String(purchases)}, ${String(reviews)}, 0, 0, 0, 0,
        dateadd(hour, ${String(24 + hours)}, cast('${ds}' as timestamp)), null)`,
  );
  await warehouse.query(`insert into public.user_behavior_metric_load values ${rows.join(', ')}`);
}

/** All datasets of a day, as `load` says of them. */
async function publishDay(bucket: TestBucket, ds: Ds, minQuantity = 2): Promise<void> {
  await publish(bucket, 'user_purchase/stage', ds, { parameters: { minQuantity, format: 'csv' } });
  const from = await publish(bucket, 'movie_review/load', ds, {
    parameters: { maxLineSize: 1_048_576 },
  });
  const parameters = { maxRejectedReviews: 0.01 };
  await publish(bucket, 'movie_review/stage', ds, { parameters, from });
}

/** What a load leaves whose audit has failed. */
const recordOfFailure = (ds: string): string =>
  `${JSON.stringify({
    job: 'redshift-load',
    version: '0.1.0',
    ds,
    run: 'r1',
    status: 'failed',
    exit: 65,
    seconds: 1,
    startedAt: '2026-11-23T10:00:00.000Z',
    finishedAt: '2026-11-23T10:00:01.000Z',
    kind: 'data',
    message: 'an audit failed',
    action: 'compare the day with its manifests',
    audit: 'purchases_conserved',
    phases: [],
  })}\n`;

const health = async (env: Readonly<Record<string, string>>, ...argv: readonly string[]) => {
  const { code, stdout, stderr } = await operator(env, 'health', ...argv);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const found = lines.map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
  return { code, stderr, found, names: found.map(({ finding, ds }) => [finding, ds]) };
};

/** The environment of a check on the last day of `days`. */
const until = (bucket: TestBucket, end: string) => ({ ...bucket.env, HISTORY_END: end });

describe('health', () => {
  it('finds a gap in the captured changes, and a pointer that is too old', async () => {
    await using bucket = await freshBucket(cloud);
    const now = new Date().toISOString();
    const yesterday = previousDs(parseDs(now.slice(0, 10)));
    const env = { ...bucket.env, HISTORY_START: yesterday };
    // The day itself is not due yet.
    const check = () => health(env, '--due=23:59', '--days=1');
    const capture = (others: object) =>
      bucket.put(changesHeadKey, JSON.stringify(exampleHead([], others)));
    expect(await check()).toMatchObject({ code: 0, names: [] });
    await capture({ at: now });
    expect(await check()).toMatchObject({ code: 0, names: [] });
    const status = await operator(env, 'status', `--from=${yesterday}`);
    expect(status.stderr).toContain('changes at the source are captured until ');
    await capture({ at: now, gap: 'retail.user_purchase was truncated' });
    expect(await check()).toMatchObject({ code: 65, names: [['capture-gap', yesterday]] });
    await capture({ at: '2020-01-01T00:00:00.000Z' });
    expect(await check()).toMatchObject({ code: 65, names: [['capture-stale', yesterday]] });
    await bucket.put(changesHeadKey, '{');
    const { code, stderr } = await check();
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('without what was captured at the source: '),
    ]);
  });

  it('finds exactly the 13 odd days of the real history', async () => {
    await using bucket = await freshBucket(cloud);
    const days = daysFrom(parseDs('2010-12-01'), parseDs('2011-12-09'));
    expect(purchasesOfDays).toHaveLength(days.length);
    await load(days.map((ds, index) => ({ ds, purchases: purchasesOfDays[index] ?? 0 })));
    const { found } = await health(until(bucket, '2011-12-09'), '--due=06:00', '--days=374');
    const warnings = found.filter(({ level }) => level === 'warning');
    expect(warnings.map(({ finding, ds }) => `${finding ?? ''} ${ds ?? ''}`)).toEqual([
      'zero 2010-12-29',
      'zero 2010-12-30',
      'zero 2010-12-31',
      'zero 2011-01-02',
      'zero 2011-01-03',
      'zero 2011-04-22',
      'zero 2011-04-24',
      'zero 2011-04-25',
      'zero 2011-04-29',
      'zero 2011-05-02',
      'zero 2011-05-30',
      'zero 2011-08-29',
      'volume 2011-11-06',
    ]);
    expect(warnings.at(-1)?.['message']).toBe(
      '1872 purchases, where 690 are usual for the weekday',
    );
  });

  it('finds one of each: gap, stale, damaged, failed, late, zero and volume', async () => {
    await using bucket = await freshBucket(cloud);
    const end = parseDs('2013-03-24');
    const days = daysFrom(weeksBefore(end, 2), end).slice(1);
    const [, gap, stale, damaged, zero, volume, failed] = days;
    const purchases = (ds: Ds) => (ds === zero ? 0 : ds === volume ? 900 : 100);
    const loaded = days.filter((ds) => ds !== gap && ds !== failed && ds !== end);
    const earlier = daysFrom(weeksBefore(end, 10), weeksBefore(end, 2));
    await load(earlier.map((ds) => ({ ds, purchases: 100 })));
    await load(
      loaded.map((ds) => ({ ds, purchases: purchases(ds), run: ds === stale ? 'old' : 'one' })),
    );
    for (const ds of loaded) await publishDay(bucket, ds);
    const key = `user_purchase/stage/${damaged ?? ''}/one/file`;
    await bucket.put(key, '');
    await bucket.put('runs/redshift-load/r1.jsonl', recordOfFailure(failed ?? ''));
    const env = until(bucket, end);
    const { code, names, found, stderr } = await health(env, '--due=06:00');
    expect(names).toEqual([
      ['gap', gap],
      ['stale', stale],
      ['damaged', damaged],
      ['failed', failed],
      ['late', end],
      ['zero', zero],
      ['volume', volume],
    ]);
    expect([code, stderr]).toEqual([
      65,
      'health: 2013-03-11 to 2013-03-24: 5 errors, 2 warnings\n',
    ]);
    expect(found[3]?.['message']).toBe(
      `${failed ?? ''}: redshift-load failed with 65, audit purchases_conserved: an audit failed`,
    );
    expect(found[4]?.['message']).toBe(
      '2013-03-24 is not loaded and was due at 2013-03-25 06:00:00 UTC: no purchases, no reviews, no cleaned reviews',
    );
    for (const one of found) {
      expect(Object.keys(one)).toEqual(['finding', 'ds', 'level', 'message', 'action']);
    }
    // The days before it are as they should be; so are warnings alone.
    const well = until(bucket, volume ?? '');
    expect(await health(well, '--due=06:00', '--days=2')).toMatchObject({
      code: 0,
      names: [
        ['zero', zero],
        ['volume', volume],
      ],
    });
    const strict = { ...well, MIN_QUANTITY: '5' };
    expect((await health(strict, '--due=06:00', '--days=1')).names[0]).toEqual(['stale', volume]);
  });
});

/** What a server got, in order; it answers with the status, or never. */
async function startSink(status: number | 'never') {
  const calls: { readonly path: string; readonly body: string }[] = [];
  const take = async (request: IncomingMessage) => {
    calls.push({ path: request.url ?? '', body: await text(request) });
  };
  const server = createServer((request, response) => {
    void take(request).then(() => {
      if (status !== 'never') response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { calls, url: `http://127.0.0.1:${String(port)}/secret` };
}

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the outputs of health', () => {
  it('receive what was found', async () => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'health-'));
    const [ping, webhook] = [await startSink(200), await startSink(200)];
    const file = join(folder.path, 'user_behaviour.prom');
    const options = [`--ping=${ping.url}`, `--webhook=${webhook.url}`, `--prometheus=${file}`];
    const env = until(bucket, '2014-01-02');
    const { code, found } = await health(env, '--due=06:00', '--days=2', ...options);
    expect(code).toBe(65);
    expect(ping.calls.map(({ path }) => path)).toEqual(['/secret/start', '/secret/65']);
    expect(ping.calls[1]?.body.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(
      found,
    );
    expect(webhook.calls).toHaveLength(1);
    const message = JSON.parse(webhook.calls[0]?.body ?? '') as { text: string; findings: unknown };
    expect(message.findings).toEqual(found);
    expect(message.text).toContain('2 errors, 0 warnings\n• gap 2014-01-01: ');
    expect(await readdir(folder.path)).toEqual(['user_behaviour.prom']);
    const metrics = await readFile(file, 'utf8');
    expect(metrics).toContain('user_behaviour_day_states{state="missing"} 2\n');
    expect(metrics).toContain('user_behaviour_findings{level="error",finding="late"} 1\n');
    expect(metrics).toContain('user_behaviour_findings{level="warning",finding="volume"} 0\n');
  });

  it('receive that all is well, except the webhook', async () => {
    await using bucket = await freshBucket(cloud);
    const [ping, webhook] = [await startSink(200), await startSink(200)];
    const ds = parseDs('2014-02-01');
    await publishDay(bucket, ds);
    await load([{ ds, purchases: 1 }]);
    const env = { ...until(bucket, ds), PING_URL: ping.url, WEBHOOK_URL: webhook.url };
    expect(await health(env, '--due=06:00', '--days=1')).toMatchObject({ code: 0, found: [] });
    expect(ping.calls).toMatchObject([{ path: '/secret/start' }, { path: '/secret', body: '' }]);
    expect(webhook.calls).toEqual([]);
  });

  it('receive that nothing could be checked', async () => {
    await using bucket = await freshBucket(cloud);
    const [ping, webhook] = [await startSink(200), await startSink(200)];
    const env = { ...bucket.env, PIPELINE_BUCKET: 'no-such-bucket-of-ours' };
    const options = [`--ping=${ping.url}`, `--webhook=${webhook.url}`];
    expect(await health(env, '--due=06:00', ...options)).toMatchObject({ code: 78, found: [] });
    expect(ping.calls[1]?.path).toBe('/secret/78');
    expect(ping.calls[1]?.body).toContain('NoSuchBucket');
    expect(webhook.calls[0]?.body).toContain('could not be checked');
  });

  it('cost two seconds at most, and no exit code, when they hang or fail; no address is told', async () => {
    await using bucket = await freshBucket(cloud);
    const [hanging, refusing] = [await startSink('never'), await startSink(500)];
    const env = until(bucket, '2014-01-02');
    const check = async (...options: readonly string[]) => {
      const begun = performance.now();
      const { code, stderr } = await health(env, '--due=06:00', '--days=1', ...options);
      expect(code, stderr).toBe(65);
      expect(stderr).not.toContain('secret');
      return { seconds: (performance.now() - begun) / 1_000, stderr };
    };
    const alone = await check();
    const hung = await check(`--ping=${hanging.url}`, `--webhook=${hanging.url}`);
    expect(hung.stderr).toContain('health: the ping was not sent: there was no answer in time');
    expect(hung.stderr).toContain('the webhook was not called: there was no answer in time');
    // The machine may be busy with other work.
    expect(hung.seconds - alone.seconds).toBeLessThan(3);
    const failed = await check(
      `--ping=${refusing.url}`,
      `--webhook=http://127.0.0.1:${String(await closedPort())}/secret`,
      '--prometheus=/dev/null/secret',
    );
    expect(failed.stderr).toContain('health: the ping was not sent: the answer was 500');
    expect(failed.stderr).toContain('health: the webhook was not called: ECONNREFUSED');
    expect(failed.stderr).toContain('health: the file for Prometheus was not written: ');
  });

  it('are refused, without their value, if they are no addresses', async () => {
    await using bucket = await freshBucket(cloud);
    const { code, stderr } = await health(bucket.env, '--due=06:00', '--ping=ftp://secret');
    expect(code).toBe(78);
    expect(stderr).toContain('PING_URL is wrong: expected an http(s) URL');
    expect(stderr).not.toContain('secret');
    expect(await health(bucket.env, '--due=6')).toMatchObject({ code: 64 });
  });
});

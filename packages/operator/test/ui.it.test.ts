/** A real backfill of three days as `operator ui` shows it while it runs, after it, and after one that was killed. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jobs } from '@user-behaviour/shared/pipeline';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const days = ['2010-12-01', '2010-12-02', '2010-12-03'];
const backfill = [
  'backfill',
  `--from=${days[0]}`,
  `--to=${days[2]}`,
  '--jobs=2',
  '--retry-delay=1',
];

const get = (url: string) =>
  new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    request(url)
      .on('error', reject)
      .on('response', (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body });
        }, reject);
      })
      .end();
  });

/** Starts `operator ui`; the address is its whole result. */
async function startUi(env: Readonly<Record<string, string>>) {
  const ui = startOperator(env, 'ui');
  const [line = ''] = await new Promise<string[]>((resolve) => {
    ui.child?.stdout?.on('data', (data: Buffer) => {
      resolve(String(data).split('\n'));
    });
  });
  return { ...ui, url: line };
}

/** The words of a cell, e.g. `✓ done 1.2 s`. */
const cellOf = (body: string, ds: string, job: string): string => {
  const [, words = ''] = new RegExp(`/${ds}/${job}">(.*?)</a></td>`, 's').exec(body) ?? [];
  return words.replaceAll(/<[^>]+>/g, '').trim();
};

const testTimeout = 300_000;

it(
  'shows days by stages while they run and afterwards, with the log of each',
  async () => {
    await using temporary = await mkdtempDisposable(join(tmpdir(), 'ui-'));
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
    const seed = await seeded({ ...bucket.env, ...source }, temporary.path);
    const env = { ...seed, HISTORY_START: '2010-12-01', HISTORY_END: '2010-12-03' };
    const ui = await startUi(env);
    expect(ui.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/$/);

    // Other commands may run in this workspace at the same time.
    const gridOf = (child: { readonly pid?: number | undefined } | undefined) => {
      const id = new RegExp(`runs/(\\d{8}T\\d{6}Z-${String(child?.pid)})/`);
      return async () => {
        const found = id.exec((await get(ui.url)).body)?.[1];
        return found === undefined ? '' : (await get(`${ui.url}runs/${found}/`)).body;
      };
    };

    const run = startOperator(env, ...backfill);
    const grid = gridOf(run.child);
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const body = await grid();
          for (const ds of days)
            for (const job of jobs) seen.add(cellOf(body, ds, job).replace(/ .*/, ''));
          return cellOf(body, days[0] ?? '', 'emr-clean');
        },
        { timeout: 120_000, interval: 50 },
      )
      .toContain('running');
    const live = await grid();
    expect(live).toContain('http-equiv="refresh"');
    expect(live).toContain('backfill 2010-12-01 to 2010-12-03');
    expect(cellOf(live, '2010-12-02', 'extract-purchases')).toMatch(/^✓ done \d/);
    expect(cellOf(live, '2010-12-02', 'redshift-load')).toBe('· waiting');
    expect([...seen]).toEqual(expect.arrayContaining(['·', '▶', '✓']));
    expect((await run.ended).code, (await run.ended).stderr).toBe(0);

    const ended = await grid();
    for (const ds of days) {
      for (const job of jobs) expect(cellOf(ended, ds, job)).toMatch(/^✓ done \d+(\.\d)? s$/);
    }
    expect(ended).toMatch(/done after \d/);
    const cell = async (body: string, ds: string, job: string) => {
      const [, path = ''] = new RegExp(`href="([^"]+/${ds}/${job})"`).exec(body) ?? [];
      return get(`${new URL(ui.url).origin}${path}`);
    };
    const load = await cell(ended, '2010-12-02', 'redshift-load');
    expect(load.status).toBe(200);
    expect(load.body).toMatch(/INFO: redshift-load 2010-12-02 .*customers/);
    expect(load.body).not.toContain('redshift-load 2010-12-03 ');
    expect(load.body).not.toContain('http-equiv="refresh"');

    // The same again has nothing to do, and a day without its file fails with a message.
    const again = startOperator(
      { ...env, REVIEWS_SOURCE: join(temporary.path, '{ds}.csv') },
      ...[...backfill, '--retries=1'],
    );
    await writeFile(join(temporary.path, '2010-12-01.csv'), 'no header\n');
    expect((await again.ended).code).not.toBe(0);
    const failed = await gridOf(again.child)();
    expect(cellOf(failed, '2010-12-01', 'extract-purchases')).toMatch(/^= unchanged/);
    expect(cellOf(failed, '2010-12-01', 'stage-reviews')).toMatch(/^✗ failed/);
    expect(failed).toMatch(/What failed[\s\S]*2010-12-01 stage-reviews<\/a><span>[^<]+/);
    expect(failed).toMatch(/failed with exit \d+ after/);

    // The page about the data, from the same settings.
    const page = await get(`${ui.url}page`);
    expect(page.status, page.body).toBe(200);
    expect(page.body).toContain('User behaviour');

    // A killed command cannot say that it has ended.
    const records = async () => (await bucket.keys('runs/')).length;
    const before = await records();
    const killed = startOperator({ ...env, MIN_QUANTITY: '3' }, ...backfill);
    const killedGrid = gridOf(killed.child);
    await expect
      .poll(async () => cellOf(await killedGrid(), '2010-12-01', 'extract-purchases'), {
        timeout: 60_000,
        interval: 50,
      })
      .toMatch(/running|done/);
    killed.child?.kill('SIGKILL');
    await killed.ended;
    const left = await killedGrid();
    expect(left).toContain('>killed</span>');
    const states = jobs.map((job) => cellOf(left, '2010-12-01', job).split(' ')[1] ?? '');
    expect(states.at(-1)).toBe('skipped');
    for (const state of states) expect(['running', 'retrying', 'waiting']).not.toContain(state);
    // Its jobs go on by themselves; they write to the bucket until they have sent their records.
    const begun = states.filter((state) => state !== 'skipped').length;
    await expect.poll(records, { timeout: 60_000 }).toBe(before + begun);

    ui.child?.kill('SIGINT');
    expect(await ui.ended).toMatchObject({ code: 0, stdout: `${ui.url}\n` });
  },
  testTimeout,
);

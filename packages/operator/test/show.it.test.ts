/** show, psql, s3, the report and the JSON documents, of a day that the real jobs have run. */
import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { jobs } from '@user-behaviour/shared/pipeline';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { publish } from './publish.ts';

const ds = '2010-12-01';

let bucket: TestBucket;
let database: TestDatabase;
let env: Readonly<Record<string, string>>;
let folder: string;

beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'show-'))).path;
  bucket = stack.use(await freshBucket(cloud));
  database = stack.use(await freshDatabase(cloud));
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  const csv = { OUTPUT_FORMAT: 'csv.gz' };
  env = await seeded({ ...bucket.env, ...source, ...csv }, folder);
  const ran = await operator('run', `--ds=${ds}`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return () => stack.disposeAsync();
}, 600_000);

const operator = (...argv: string[]) => runOperator(env, ...argv);

interface ShownStage {
  readonly stage: string;
  readonly note: string | null;
  readonly failure: { readonly kind: string } | null;
  readonly manifest: {
    readonly run: string;
    readonly totals: { readonly rejected: number };
    readonly files: readonly { readonly key: string }[];
  } | null;
  readonly samples: readonly {
    readonly note: string | null;
    readonly columns: readonly string[];
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }[];
}

async function document(...argv: string[]): Promise<unknown> {
  const { stdout } = await operator(...argv, '--json');
  return JSON.parse(stdout);
}

async function stages(...argv: string[]): Promise<Readonly<Record<string, ShownStage>>> {
  const shown = (await document('show', ...argv)) as { readonly stages: readonly ShownStage[] };
  return Object.fromEntries(shown.stages.map((one) => [one.stage, one]));
}

describe('show', () => {
  it('has each stage of the day, with its first rows', async () => {
    const shown = await stages(`--ds=${ds}`, '--rows=2');
    const rowsOf = (stage: string) => shown[stage]?.samples[0]?.rows;
    const [invoice] = await database.query(
      `select invoice_number, unit_price::float8 from retail.user_purchase
       where invoice_date >= '${ds}' and invoice_date < '2010-12-02' limit 1`,
    );
    expect(rowsOf('source')?.[0]).toMatchObject(invoice as object);
    expect(shown['purchases']?.manifest?.files[0]?.key).toMatch(/\.csv\.gz$/);
    expect(shown['purchases']?.samples[0]?.columns).toContain('invoice_number');
    expect(shown['purchases']?.samples[0]?.note).toMatch(/^the first 2 of \d+ rows$/);
    expect(rowsOf('reviews')?.[0]).toMatchObject({ cid: expect.any(String) as string });
    expect(rowsOf('cleaned-reviews')?.[0]).toEqual({
      cid: rowsOf('reviews')?.[0]?.['cid'],
      positive_review: expect.any(Boolean) as boolean,
      insert_date: ds,
    });
    const rejected = shown['cleaned-reviews']?.manifest?.totals.rejected ?? 0;
    expect(rejected).toBeGreaterThan(0);
    expect(rowsOf('rejects')).toHaveLength(Math.min(2, rejected));
    expect(rowsOf('rejects')?.[0]).toEqual({
      reason: expect.stringMatching(/^[a-z_]+$/) as string,
      line: expect.any(String) as string,
    });
    const external = shown['spectrum']?.samples.map(({ note, rows }) => [note, rows.length]) ?? [];
    expect(external.sort()).toEqual([
      [`at movie_review/stage/${ds}/${shown['cleaned-reviews']?.manifest?.run ?? ''}/`, 2],
      [`at user_purchase/stage/${ds}/${shown['purchases']?.manifest?.run ?? ''}/`, 2],
    ]);
    expect(rowsOf('metric')?.[0]).toMatchObject({
      customerid: expect.any(Number) as number,
      insert_date: ds,
    });
    expect(rowsOf('ledger')).toMatchObject([
      { ds, min_quantity: 2, purchases_run: shown['purchases']?.manifest?.run },
    ]);
  });

  it('is a text of 100 columns at most', async () => {
    const { code, stdout } = await operator('show', `--ds=${ds}`);
    expect(code).toBe(0);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(
      /^published {3}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by extract-purchases/m,
    );
  });

  it('says what a day does not have', async () => {
    const shown = await stages('--ds=2009-01-01');
    const notes = Object.fromEntries(Object.values(shown).map(({ stage, note }) => [stage, note]));
    expect(notes).toMatchObject({
      source: 'no rows on this day',
      purchases: 'not published',
      reviews: 'not published',
      'cleaned-reviews': 'not published',
      rejects: 'no rejects',
      spectrum: 'no partitions: not loaded',
      metric: 'not loaded',
      ledger: 'not loaded',
    });
  });

  it('says of Parquet that nothing can read it yet', async () => {
    const from = await publish(bucket, 'movie_review/load', '2012-01-01');
    await publish(bucket, 'movie_review/stage', '2012-01-01', { from, name: 'part-0.parquet' });
    const shown = await stages('--ds=2012-01-01', '--stage=cleaned-reviews');
    expect(shown['cleaned-reviews']?.samples[0]?.note).toContain('load the day first');
  });

  it('shows the other stages if one cannot be read, and fails', async () => {
    const broken = { ...env, SOURCE_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' };
    const { code, stdout } = await runOperator(broken, 'show', `--ds=${ds}`);
    expect(code).toBe(75);
    expect(stdout).toContain('FAILED: could not connect to the source');
    expect(stdout).toContain('metric: public.user_behavior_metric');
  });

  it.each([
    ['--stage=gold', 'STAGE must be one of source, purchases'],
    ['--rows=0', 'ROWS must be a whole number'],
  ])('refuses %s with 64', async (argument, message) => {
    const { code, stdout, stderr } = await operator('show', `--ds=${ds}`, argument);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(message);
  });
});

describe('psql', () => {
  it('prints the result of a statement, and refuses to write', async () => {
    const count = 'select count(*) as rows, true as yes from retail.user_purchase';
    const [all] = await database.query('select count(*)::int as rows from retail.user_purchase');
    expect(await document('psql', `--sql=${count}`)).toEqual({
      columns: ['rows', 'yes'],
      rows: [{ ...(all as object), yes: true }],
    });
    for (const [sql, message] of [
      ['delete from retail.user_purchase', 'read-only transaction'],
      ['commit; delete from retail.user_purchase', 'multiple commands'],
      ['selec 1', 'syntax error'],
    ]) {
      const { code, stderr } = await operator('psql', `--sql=${sql ?? ''}`);
      expect([code, stderr]).toEqual([65, expect.stringContaining(message ?? '')]);
    }
    expect(await database.query('select count(*)::int as rows from retail.user_purchase')).toEqual([
      all,
    ]);
  });

  it('starts the client with the password among its variables only, and returns its exit code', async () => {
    const client = join(folder, 'psql');
    await writeFile(
      client,
      '#!/bin/sh\necho "$# $PGUSER ${PGPASSWORD:+password} $PGOPTIONS"\nexit 3\n',
    );
    await chmod(client, 0o755);
    const { code, stdout } = await runOperator({ ...env, PATH: folder }, 'psql');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^0 \w+ password .*default_transaction_read_only=on/);
  });

  it('without the client says what to do', async () => {
    const alone = { ...env, PATH: join(dirname(execPath), 'nowhere') };
    const { code, stderr } = await runOperator(alone, 'psql');
    expect(code).toBe(78);
    expect(stderr).toContain('make psql SQL="select …"');
  });
});

describe('s3', () => {
  it('lists folders and objects, and reads them, also compressed ones', async () => {
    const [key = ''] = (await bucket.keys(`user_purchase/stage/${ds}/`)).filter((one) =>
      one.endsWith('.csv.gz'),
    );
    const top = await operator('s3', 'ls');
    expect(top.stdout).toContain('user_purchase/');
    expect(top.stdout).not.toContain(key);
    const listed = await operator('s3', 'ls', `s3://${bucket.name}/${dirname(key)}/`);
    expect(listed.stdout).toMatch(new RegExp(String.raw`UTC +\d+ +${key}\n`));
    const whole = await operator('s3', 'cat', key);
    const lines = whole.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^invoice_number,stock_code,/);
    expect(lines.length).toBeGreaterThan(100);
    const head = await operator('s3', 'head', key, '--rows=3');
    expect(head.stdout.trimEnd().split('\n')).toEqual(lines.slice(0, 3));
  });

  it.each([
    [['fly'], 64, 's3 knows ls, cat, head, not "fly"'],
    [['cat'], 64, 's3 cat needs the key of an object'],
    [['ls', 's3://another/'], 64, 's3://another/ is not in PIPELINE_BUCKET'],
    [['cat', 'nothing'], 65, 'there is no object'],
    [['ls', 'x', '--json'], 64, 'json'],
  ])('%j ends with %i', async (argv, code, message) => {
    const ended = await operator('s3', ...argv);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(message);
  });
});

describe('the documents', () => {
  it('of all commands are JSON, and the only thing on stdout', async () => {
    const range = [`--from=${ds}`, '--to=2010-12-02'];
    const days = { days: [{ ds }, { ds: '2010-12-02' }] };
    expect(await document('status', ...range)).toMatchObject(days);
    expect(await document('plan', ...range)).toMatchObject(days);
    expect(await document('sweep')).toEqual({ applied: false, garbage: [] });
    expect(await document('doctor')).toMatchObject({ exit: 0 });
    const sql = `select insert_date, count(*) as customers, sum(review_count) as reviews
      from public.user_behavior_metric group by 1`;
    expect(await document('query', `--sql=${sql}`)).toEqual({
      columns: ['insert_date', 'customers', 'reviews'],
      rows: [
        {
          insert_date: ds,
          customers: expect.any(Number) as number,
          reviews: expect.any(Number) as number,
        },
      ],
    });
  });

  it('are not of commands that run jobs', async () => {
    const { code, stderr } = await operator('run', `--ds=${ds}`, '--json');
    expect([code, stderr]).toEqual([64, expect.stringContaining('json')]);
  });
});

it('the report of a day fits the screen, and names the best reviewers first', async () => {
  const { code, stdout } = await operator('report', `--ds=${ds}`);
  const lines = stdout.trimEnd().split('\n');
  expect(code).toBe(0);
  expect(lines.length).toBeLessThanOrEqual(45);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(lines[0]).toMatch(/: \d+ customers with reviews spent \d+\.\d\d\.$/);
  const [, , , , ...rest] = lines;
  const table = rest.slice(0, rest.indexOf(''));
  const scores = table.map((line) => Number(line.trim().split(/ +/)[2]));
  expect(scores.length).toBeGreaterThan(1);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const command of ['show', 'backfill', 'status', 'query', 'down']) {
    expect(stdout).toContain(`\n  make ${command}`);
  }
});

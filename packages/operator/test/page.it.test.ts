/** The page of days that the real jobs have run: each figure is what the warehouse, the bucket and the source say. */
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { jobs } from '@user-behaviour/shared/pipeline';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';

const days = ['2010-12-01', '2010-12-02', '2010-12-03'];
const asOf = '--as-of=2010-12-06T07:00:00Z';

let bucket: TestBucket;
let database: TestDatabase;
let env: Readonly<Record<string, string>>;
let folder: string;
let page: string;

beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'page-'))).path;
  bucket = stack.use(await freshBucket(cloud));
  database = stack.use(await freshDatabase(cloud));
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  env = {
    ...(await seeded({ ...bucket.env, ...source }, folder)),
    HISTORY_END: '2010-12-05',
    INVOKED_FROM: folder,
  };
  const ran = await operator('backfill', `--from=${days[0] ?? ''}`, `--to=${days[2] ?? ''}`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  page = await draw('page.html');
  return () => stack.disposeAsync();
}, 900_000);

const operator = (...argv: string[]) => runOperator(env, ...argv);

async function draw(out: string, ...argv: string[]): Promise<string> {
  const { code, stderr, stdout } = await operator('page', `--out=${out}`, asOf, ...argv);
  expect(code, stderr).toBe(0);
  expect(stdout.trim()).toBe(join(folder, out));
  return readFile(join(folder, out), 'utf8');
}

/** What a person reads, without the days that are folded away. */
const words = (markup: string): string =>
  markup
    .replaceAll(/<style>.*<\/style>/gs, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

type Row = Readonly<Record<string, string | number>>;

async function warehouse(sql: string): Promise<readonly Row[]> {
  const { stdout, stderr } = await operator('query', `--sql=${sql}`, '--json');
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { readonly rows: readonly Row[] }).rows;
}

const whole = (value: unknown) => Number(value).toLocaleString('en-GB');
const money = (value: unknown) =>
  Number(value).toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const share = (value: number) =>
  value.toLocaleString('en-GB', { style: 'percent', maximumFractionDigits: 1 });

describe('the figures of the page', () => {
  it('are those of the metric, by day', async () => {
    const rows = await warehouse(
      `select cast(insert_date as varchar) as ds, count(*) as customers, sum(amount_spent) as amount,
       sum(review_score) as positive, sum(review_count) as reviews
       from public.user_behavior_metric group by insert_date order by insert_date`,
    );
    expect(rows.map(({ ds }) => String(ds).slice(0, 10))).toEqual(days);
    for (const { ds = '', customers, amount, positive, reviews } of rows) {
      const [, facts = ''] =
        new RegExp(`<section id="d${String(ds).slice(0, 10)}">(.*?)</section>`, 's').exec(page) ??
        [];
      expect(words(facts)).toContain(
        `Metric ${whole(customers)} customers, spend ${money(amount)}, ${share(Number(positive) / Number(reviews))} of ${whole(reviews)} reviews positive, loaded 20`,
      );
    }
    const [last] = rows.slice(-1);
    expect(words(page)).toContain(`Customers ${whole(last?.['customers'])} on 2010-12-03;`);
    expect(words(page)).toContain(`Spend ${money(last?.['amount'])} on 2010-12-03;`);
    const total = rows.reduce((sum, { amount }) => sum + Number(amount), 0);
    expect(words(page)).toContain(`December 2010 ${money(total / 3)} ${money(total)}`);
  });

  it('follow every row from the source to the metric', async () => {
    const text = words(page);
    const [source] = await database.query(
      `select count(*)::int as rows, (count(*) filter (where quantity <= 2))::int as below
       from retail.user_purchase where invoice_date >= '2010-12-01' and invoice_date < '2010-12-04'`,
    );
    const [row = {}] = await warehouse(
      `select sum(purchase_rows) as published, sum(purchases_in_metric) as used,
       sum(purchases_without_customer) as nobody, sum(purchases_without_reviews) as silent,
       sum(review_rows) as cleaned, sum(reviews_rejected) as rejected,
       sum(reviews_in_metric) as counted, sum(reviews_without_purchases) as strangers
       from public.user_behavior_metric_day`,
    );
    const { rows, below } = source as { readonly rows: number; readonly below: number };
    expect(text).toContain(`read from the source ${whole(rows)} 100%`);
    expect(text).toContain(`below the quantity limit ${whole(below)} `);
    for (const [title, name] of [
      ['published', 'published'],
      ['in the metric', 'used'],
      ['without customer', 'nobody'],
      ['of customers without reviews', 'silent'],
      ['cleaned', 'cleaned'],
      ['rejected', 'rejected'],
      ['in the metric', 'counted'],
      ['of customers without purchases', 'strangers'],
    ] as const) {
      expect(text).toContain(`${title} ${whole(row[name])} `);
    }
    const of = (name: string) => Number(row[name]);
    expect(of('used') + of('nobody') + of('silent')).toBe(of('published'));
    expect(rows - below).toBe(of('published'));
    expect(of('counted') + of('strangers')).toBe(of('cleaned'));
  });

  it('divide the metric by spend and reviews without losing anybody', async () => {
    const [, heat = ''] = /<table class="heat">(.*?)<tr class="total">/s.exec(page) ?? [];
    const cells = [...heat.matchAll(/<td class="h\d">([\d,]+)/g)].map(([, cell = '']) =>
      Number(cell.replaceAll(',', '')),
    );
    const [all] = await warehouse('select count(*) as customers from public.user_behavior_metric');
    expect(cells.length).toBeGreaterThan(3);
    expect(cells.reduce((sum, cell) => sum + cell, 0)).toBe(all?.['customers']);
    const [one] = await warehouse(
      'select count(*) as customers from public.user_behavior_metric where amount_spent >= 10 and amount_spent < 30 and review_count = 1',
    );
    const [, row = ''] = /<th scope="row">10–30<\/th><td[^>]*>([\d,]*)/.exec(page) ?? [];
    expect(Number(row.replaceAll(',', ''))).toBe(one?.['customers']);
  });

  it('name the days that are missing, and how late the last one is', () => {
    const text = words(page);
    expect(text).toContain(
      '2010-12-05 is not in – missing It was due at 2010-12-06 06:00 UTC: 1 h 0 min late.',
    );
    expect(text).toContain('Days loaded 3 of 5 since 2010-12-01');
    expect(text).toMatch(/× late 2010-12-05 2010-12-05 is not loaded/);
    expect(text).toMatch(/× gap 2010-12-04 2010-12-04 is not loaded/);
  });

  it('name each run on record', () => {
    const [, runs = ''] = /<h2>What ran last<\/h2>(.*?)<\/section>/s.exec(page) ?? [];
    for (const job of jobs) expect(words(runs)).toContain(job);
    expect(words(page)).toMatch(/Where time and money go emr-clean is the slowest stage/);
  });
});

describe('the page', () => {
  it('has the same bytes for the same state, and replaces what was there', async () => {
    await writeFile(join(folder, 'again.html'), 'old');
    expect(await draw('again.html')).toBe(page);
    expect(page).not.toMatch(/<script/i);
  });

  it('names customers only with --customers', async () => {
    const [top] = await warehouse(
      `select customerid, sum(amount_spent) as amount from public.user_behavior_metric
       group by customerid order by amount desc, customerid limit 1`,
    );
    const line = new RegExp(`${String(top?.['customerid'])} \\d+ ${money(top?.['amount'])}`);
    expect(words(page)).not.toMatch(line);
    expect(words(await draw('customers.html', '--customers'))).toMatch(line);
  });

  it('goes to S3 as HTML, and replaces what was there', async () => {
    for (const time of [asOf, '--as-of=2010-12-06T08:00:00Z']) {
      const uri = `s3://${bucket.name}/reports/page.html`;
      expect(await operator('page', `--out=${uri}`, time)).toMatchObject({
        code: 0,
        stdout: `${uri}\n`,
      });
    }
    const where = { Bucket: bucket.name, Key: 'reports/page.html' };
    const { ContentType } = await bucket.client.send(new HeadObjectCommand(where));
    expect(ContentType).toBe('text/html; charset=utf-8');
    const shown = await operator('s3', 'cat', 'reports/page.html');
    expect(shown.stdout).toContain('as of 2010-12-06 08:00 UTC');
  });

  it('leaves the old file if it cannot be written', async () => {
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'page.html'), { recursive: true });
    await writeFile(join(closed, 'page.html/old'), 'old');
    const { code, stderr } = await operator('page', '--out=closed/page.html', asOf);
    expect(code).toBe(78);
    expect(stderr).toMatch(/closed\/page\.html cannot be written: EISDIR/);
    expect(await readFile(join(closed, 'page.html/old'), 'utf8')).toBe('old');
  });

  it.each([
    ['--out=page.txt', '--out must end with .html'],
    ['--out=s3://bucket', '--out must end with .html'],
    ['--out=s3:///page.html', '--out must be a file or s3://bucket/key.html'],
    ['--as-of=yesterday', '--as-of must be a time in UTC'],
    ['--due=6', '--due must be a time of day'],
  ])('refuses %s', async (option, message) => {
    const { code, stderr } = await operator('page', option);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { asset } from '@user-behaviour/shared/asset';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import { publish } from './publish.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** A query for the numbers 1 to `count`. */
const numbers = (count: number): string =>
  Array.from({ length: count }, (_, n) => `select ${String(n + 1)} as n`).join(' union all ');

/** The defaults, as the jobs record them. */
const ofPurchases = { minQuantity: 2, format: 'csv' };
const ofFile = { maxLineSize: 1_048_576 };
const ofReviews = { maxRejectedReviews: 0.01 };

describe('status', () => {
  it('shows every day with data, even before the warehouse has any table', async () => {
    await using bucket = await freshBucket(cloud);
    const before = await operator(bucket.env, 'status');
    expect(before).toMatchObject({ code: 0, stdout: 'nothing has been run yet\n', stderr: '' });

    await publish(bucket, 'user_purchase/stage', '2010-12-01', {
      rows: 1450,
      parameters: ofPurchases,
    });
    const from = await publish(bucket, 'movie_review/load', '2010-12-01', {
      rows: 10,
      parameters: ofFile,
    });
    await publish(bucket, 'movie_review/stage', '2010-12-01', {
      rows: 10,
      parameters: ofReviews,
      from,
    });
    await publish(bucket, 'user_purchase/stage', '2010-12-03', {
      rows: 7,
      parameters: ofPurchases,
    });
    const staged = await operator(bucket.env, 'status');
    expect(cells(staged.stdout).map((row) => row.slice(0, 4))).toEqual([
      ['2010-12-01', 'not loaded', '1450', '2'],
      ['2010-12-03', 'incomplete', '7', '2'],
    ]);

    const tables = ['040_user_behavior_metric', '050_user_behavior_metric_load'];
    for (const table of tables) {
      const ddl = asset(`sql/warehouse/ddl/${table}.sql`);
      const made = await operator(bucket.env, 'query', `--sql=${ddl}`);
      expect(made).toMatchObject({ code: 0, stdout: 'done\n' });
    }
    await operator(
      bucket.env,
      'query',
      '--sql',
      `insert into public.user_behavior_metric_load
       values ('2010-12-01', 'x', 'one', 1, 'one', 1, 2, 1450, 10, 82, 28931.63, 4, 10, getdate())`,
    );
    const damaged = await operator(bucket.env, 'status', '--to', '2010-12-02');
    expect(cells(damaged.stdout)[0]?.slice(0, 2)).toEqual(['2010-12-01', 'damaged']);
    await operator(
      bucket.env,
      'query',
      `--sql=insert into public.user_behavior_metric
       select n, case when n = 1 then 28931.63 else 0 end, case when n < 5 then 1 else 0 end,
         case when n < 11 then 1 else 0 end, '2010-12-01'
       from (${numbers(82)})`,
    );
    const loaded = await operator(
      bucket.env,
      'status',
      '--from',
      '2010-12-01',
      '--to',
      '2010-12-03',
    );
    const rows = cells(loaded.stdout);
    expect(rows[0]?.slice(0, 2)).toEqual(['2010-12-01', 'loaded']);
    expect(rows[0]?.slice(-3)).toEqual(['82', '28931.63', '0 min']);
    expect(rows.slice(1).map((row) => row.slice(0, 2))).toEqual([
      ['2010-12-02', 'missing'],
      ['2010-12-03', 'incomplete'],
    ]);
    const late = await operator(bucket.env, 'status', '--from', '2010-12-02');
    expect(cells(late.stdout)).toHaveLength(1);
  });

  it('does not call a day without customers damaged while the table of the metric is missing', async () => {
    await using bucket = await freshBucket(cloud);
    const days = [
      { day: '2011-01-05', customers: 0 },
      { day: '2011-01-06', customers: 1 },
    ];
    const query = async (sql: string) => {
      const { code, stderr } = await operator(bucket.env, 'query', `--sql=${sql}`);
      expect(code, stderr).toBe(0);
    };
    await query(asset('sql/warehouse/ddl/050_user_behavior_metric_load.sql'));
    await query('drop table if exists public.user_behavior_metric');
    for (const { day, customers } of days) {
      await publish(bucket, 'user_purchase/stage', day, {
        rows: customers,
        parameters: ofPurchases,
      });
      const from = await publish(bucket, 'movie_review/load', day, { rows: 0, parameters: ofFile });
      await publish(bucket, 'movie_review/stage', day, { rows: 0, parameters: ofReviews, from });
      await query(
        `insert into public.user_behavior_metric_load
         values ('${day}', 'x', 'one', 1, 'one', 1, 2, 0, 0, ${String(customers)}, 0, 0, 0, getdate())`,
      );
    }
    const { stdout } = await operator(bucket.env, 'status', '--from', '2011-01-05');
    expect(cells(stdout).map((row) => row.slice(0, 2))).toEqual([
      ['2011-01-05', 'loaded'],
      ['2011-01-06', 'damaged'],
    ]);
  });

  it('names a missing bucket and an invalid day', async () => {
    await using bucket = await freshBucket(cloud);
    const env = { ...bucket.env, PIPELINE_BUCKET: 'no-such-bucket-of-ours' };
    const { code, stderr } = await operator(env, 'status');
    expect(code).toBe(78);
    expect(stderr).toContain('NoSuchBucket');
    const wrong = await operator(bucket.env, 'status', '--from', '2010-02-30');
    expect(wrong.code).toBe(64);
    expect(wrong.stderr).toContain('--from must be a real day');
  });
});

describe('migrate', () => {
  it('says what it would make, makes it once, and finds nothing to do then', async () => {
    await using bucket = await freshBucket(cloud);
    const query = async (sql: string) => {
      const { code, stdout, stderr } = await operator(bucket.env, 'query', `--sql=${sql}`);
      expect(code, stderr).toBe(0);
      return cells(stdout);
    };
    const tables = ['', '_load', '_load_lock', '_migration'];
    for (const name of tables)
      await query(`drop table if exists public.user_behavior_metric${name}`);
    await query(asset('sql/warehouse/ddl/050_user_behavior_metric_load.sql'));
    const recorded = 'select number from public.user_behavior_metric_migration order by 1';

    const shown = await operator(bucket.env, 'migrate', '--dry-run');
    expect(shown).toMatchObject({ code: 0, stderr: 'migrate: on the local cloud\n' });
    expect(shown.stdout).toContain('would make 001_load_sql of public.user_behavior_metric_load\n');
    expect((await operator(bucket.env, 'query', `--sql=${recorded}`)).code).toBe(65);

    const made = await operator(bucket.env, 'migrate');
    expect(made).toMatchObject({
      code: 0,
      stdout: shown.stdout.replaceAll('would make', 'made'),
    });
    expect((await query(recorded))[0]).toEqual(['1']);
    expect(await operator(bucket.env, 'migrate')).toMatchObject({
      code: 0,
      stdout: 'nothing to do: every column is there\n',
    });
  });
});

describe('query', () => {
  it('prints a table', async () => {
    await using bucket = await freshBucket(cloud);
    const sql = "select 1 as n, 'a, b' as text, null as nothing union all select 20, 'c', null";
    const { code, stdout } = await operator(bucket.env, 'query', '--sql', `${sql} order by 1`);
    expect(code).toBe(0);
    expect(stdout).toBe(' n  text  nothing\n--  ----  -------\n 1  a, b\n20  c\n');
  });

  it('prints all rows of a result with several pages', async () => {
    await using bucket = await freshBucket(cloud);
    const digits = '(select 0 as d union all select 1 union all select 2 union all select 3)';
    const from = Array.from('abcdef', (name) => `${digits} ${name}`).join(', ');
    const { stdout } = await operator(
      bucket.env,
      'query',
      '--sql',
      `select a.d + 4 * b.d + 16 * c.d + 64 * d.d + 256 * e.d + 1024 * f.d as n from ${from} order by n`,
    );
    expect(cells(stdout).flat().map(Number)).toEqual(Array.from({ length: 4096 }, (_, n) => n));
  });

  it('fails with the message of the warehouse', async () => {
    await using bucket = await freshBucket(cloud);
    const { code, stdout, stderr } = await operator(
      bucket.env,
      'query',
      '--sql',
      'select * from public.nowhere',
    );
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).toMatch(/"?nowhere"? does not exist/);
    expect(stderr).toContain('correct the statement');
  });

  it('names a missing workgroup and every missing variable', async () => {
    await using bucket = await freshBucket(cloud);
    const wrong = { ...bucket.env, REDSHIFT_WORKGROUP: 'another' };
    expect(await operator(wrong, 'query', '--sql', 'select 1')).toMatchObject({ code: 78 });
    const none = await operator({}, 'query', '--sql', 'select 1');
    expect(none.code).toBe(78);
    expect(none.stderr).toMatch(/PIPELINE_BUCKET.*AWS_REGION.*REDSHIFT_DATABASE/);
  });
});

it('a wrong command line ends the process with 64', async () => {
  const { code, stderr } = await operator({}, 'run', '--ds', '2010-02-30');
  expect(code).toBe(64);
  expect(stderr).toContain('--ds must be a real day');
});

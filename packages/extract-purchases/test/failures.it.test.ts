import { createServer } from 'node:net';
import { once } from 'node:events';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertRow, openFixture, type Fixture } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

/** Returns a port without a listener. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

const changed = (address: string, change: Partial<URL>) =>
  Object.assign(new URL(address), change).href;

/** Returns the log as one string. */
const logText = ({ log }: Ended) => log.map((entry) => Object.values(entry).join(' ')).join('\n');

/** Expects one summary line, an empty bucket, and neither a password nor a stack trace in the output. */
async function expectCleanFailure(fixture: Fixture, ended: Ended): Promise<void> {
  expect(ended.summaries).toHaveLength(1);
  expect(ended.summaries[0]).toMatchObject({ status: 'failed', exit: ended.code });
  const all = logText(ended) + JSON.stringify(ended.summaries);
  for (const address of [fixture.env['SOURCE_DATABASE_URL'] ?? '', 'postgres://x:hunter2@h/d']) {
    expect(all).not.toContain(`:${new URL(address).password}@`);
  }
  expect(all).not.toContain('hunter2');
  expect(all).not.toContain('main.cjs:');
  expect(await fixture.bucket.keys()).toEqual([]);
}

describe('a source that cannot be used', () => {
  it('because of a wrong password is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const url = changed(fixture.database.url, { password: 'hunter2' });
    const ended = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
    expect(ended.code).toBe(78);
    expect(logText(ended)).toContain('password authentication failed');
    await expectCleanFailure(fixture, ended);
  });

  it('because of an unknown database is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const url = changed(fixture.database.url, { pathname: '/no_such_shop' });
    const ended = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
    expect(ended.code).toBe(78);
    expect(logText(ended)).toContain('no_such_shop');
    await expectCleanFailure(fixture, ended);
  });

  it('because of a missing privilege is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const reader = `reader_${fixture.database.name}`;
    await fixture.database.query(`create role ${reader} login password 'hunter2'`);
    await fixture.database.query(`grant usage on schema retail to ${reader}`);
    try {
      const url = changed(fixture.database.url, { username: reader, password: 'hunter2' });
      const ended = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
      expect(ended.code).toBe(78);
      expect(logText(ended)).toContain('permission denied for table user_purchase');
      await expectCleanFailure(fixture, ended);
    } finally {
      await fixture.database.query(`drop owned by ${reader}; drop role ${reader}`);
    }
  });

  it('because it is down is a transient failure', async () => {
    await using fixture = await openFixture(cloud);
    const port = String(await closedPort());
    for (const hostname of ['127.0.0.1', 'localhost']) {
      const url = changed(fixture.database.url, { hostname, port });
      const ended = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
      expect(ended.code).toBe(75);
      expect(logText(ended)).toContain('ECONNREFUSED');
      await expectCleanFailure(fixture, ended);
    }
  });

  it('because it has no TLS is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const url = `${fixture.database.url}?sslmode=require`;
    const ended = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
    expect(ended.code).toBe(78);
    expect(logText(ended)).toContain('does not support SSL');
    await expectCleanFailure(fixture, ended);
  });

  it('because a query takes too long is a transient failure', async () => {
    await using fixture = await openFixture(cloud, { table: false });
    await fixture.database.query(
      `create schema retail; create view retail.user_purchase as
       select 'x'::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
              pg_sleep(60)::text::varchar(1000) as detail, 3 as quantity,
              timestamp '2010-12-01' as invoice_date, 1::numeric(8, 3) as unit_price,
              1 as customer_id, 'x'::varchar(20) as country`,
    );
    const ended = await job.run({ ...fixture.env, SOURCE_STATEMENT_TIMEOUT: '1s' }, day);
    expect(ended.code).toBe(75);
    expect(logText(ended)).toContain('SOURCE_STATEMENT_TIMEOUT');
    await expectCleanFailure(fixture, ended);
  });
});

describe('an unexpected table', () => {
  it('that is missing is a data failure', async () => {
    await using fixture = await openFixture(cloud, { table: false });
    const ended = await job.run(fixture.env, day);
    expect(ended.code).toBe(65);
    expect(logText(ended)).toContain('table retail.user_purchase does not exist');
    await expectCleanFailure(fixture, ended);
  });

  it('with missing or changed columns is a data failure that names all of them', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `alter table retail.user_purchase drop column country;
       alter table retail.user_purchase alter column unit_price type float8`,
    );
    const ended = await job.run(fixture.env, day);
    expect(ended.code).toBe(65);
    expect(logText(ended)).toContain('column country is missing');
    expect(logText(ended)).toContain('column unit_price is double precision, expected numeric');
    await expectCleanFailure(fixture, ended);
  });

  it('without its index is read, with a warning that names the index', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(
      `drop index retail.user_purchase_invoice_date;
       insert into retail.user_purchase (unit_price, quantity, invoice_date)
       select 1, 3, timestamp '2010-12-01' + n * interval '1 minute' from generate_series(1, 120000) as n;
       analyze retail.user_purchase`,
    );
    const without = await job.run(fixture.env, day);
    expect(without.code).toBe(0);
    expect(logText(without)).toContain('create index concurrently user_purchase_invoice_date');
    await fixture.database.query(
      'create index on retail.user_purchase (invoice_date); analyze retail.user_purchase',
    );
    const withIndex = await job.run(fixture.env, day);
    expect(withIndex.code).toBe(0);
    expect(logText(withIndex)).not.toContain('create index');
  });

  it('that is partitioned is read by partition, and every advice is accepted by PostgreSQL', async () => {
    await using fixture = await openFixture(cloud);
    const { database } = fixture;
    await database.query(
      `drop index retail.user_purchase_invoice_date;
       alter table retail.user_purchase rename to others;
       create table retail.user_purchase (like retail.others) partition by range (invoice_date);
       alter table retail.user_purchase attach partition retail.others default;
       create table retail.day01 partition of retail.user_purchase
         for values from ('2010-12-01') to ('2010-12-02');
       insert into retail.user_purchase (unit_price, quantity, invoice_date)
       select 1, 3, timestamp '2010-12-01' + n * interval '1 second' from generate_series(1, 2000) as n;
       insert into retail.user_purchase (unit_price, quantity, invoice_date)
       select 1, 3, timestamp '2010-12-02' + n * interval '1 minute' from generate_series(1, 120000) as n;
       analyze retail.user_purchase`,
    );
    const ended = await job.run(fixture.env, day);
    expect(ended.summaries).toMatchObject([{ status: 'published', rows: 2_000 }]);
    expect(logText(ended)).not.toContain('create index');
    const other = await job.run(fixture.env, '--ds=2010-12-05');
    const [advice = ''] = /create index [^;"]*\)/.exec(logText(other)) ?? [];
    expect(advice).toBe(
      'create index concurrently others_invoice_date on retail.others (invoice_date)',
    );
    await database.query(advice);
    const again = await job.run(fixture.env, '--ds=2010-12-06');
    expect(logText(again)).not.toContain('create index');
  });
});

describe('a bucket that cannot be used', () => {
  it('because S3 is down is a transient failure', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:00'));
    const port = String(await closedPort());
    for (const host of ['127.0.0.1', 'localhost']) {
      const env = { ...fixture.env, AWS_ENDPOINT_URL_S3: `http://${host}:${port}` };
      const ended = await job.run(env, day);
      expect(ended.code).toBe(75);
      await expectCleanFailure(fixture, ended);
    }
  });

  it('because the provider of credentials does not answer is transient, and names it', async () => {
    await using fixture = await openFixture(cloud);
    const withoutKeys = Object.entries(fixture.env).filter(([name]) => !name.includes('_KEY'));
    const env = {
      ...Object.fromEntries(withoutKeys),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/creds',
      HOME: '/',
    };
    const ended = await job.run(env, day);
    expect(ended.code).toBe(75);
    expect(logText(ended)).toContain('http://127.0.0.1:9/creds');
    await expectCleanFailure(fixture, ended);
  });

  it('because credentials are missing is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const withoutKeys = Object.entries(fixture.env).filter(([name]) => !name.includes('_KEY'));
    const env = {
      ...Object.fromEntries(withoutKeys),
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/',
    };
    const ended = await job.run(env, day);
    expect(ended.code).toBe(78);
    expect(logText(ended)).toContain('AWS_ACCESS_KEY_ID');
    await expectCleanFailure(fixture, ended);
  });
});

describe('a wrong command line or environment', () => {
  it.each([[[]], [['--ds=2010-02-30']], [["--ds=2010-12-01'; drop table x"]]])(
    'with the arguments %j is reported in two lines',
    async (argv) => {
      const ended = await job.run({}, ...argv);
      expect([ended.code, ended.summaries]).toEqual([64, []]);
      expect(logText(ended)).toMatch(/^extract-purchases: --ds .*\n.*--help$/);
    },
  );

  it('reports all missing variables at once', async () => {
    const ended = await job.run({}, day);
    expect(ended.code).toBe(78);
    for (const name of ['PIPELINE_BUCKET', 'AWS_REGION', 'SOURCE_DATABASE_URL']) {
      expect(logText(ended)).toContain(`${name} is missing`);
    }
  });
});

/** The job as it is deployed, on a real PostgreSQL and a real S3 server. */
import { verdictOf } from '@user-behaviour/shared/changes/changes-head';
import { parseDs } from '@user-behaviour/shared/ds';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { checkProperty, propertyTimeout } from '@user-behaviour/testkit/property';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startStandby } from '@user-behaviour/testkit/servers/standby';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, openFixture, role, setUp, tearDown } from './fixture.ts';
import { days, history } from './history.ts';

let cloud: TestCloud;
let capture: BundledJob;
let extraction: BundledJob;
beforeAll(async () => {
  [capture, extraction] = [
    await bundleJob('capture-purchases'),
    await bundleJob('extract-purchases'),
  ];
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const insert = (time: string, quantity = 6): string =>
  `insert into retail.user_purchase values ('536365', '71053', 'LANTERN', ${String(quantity)}, '${time}', 3.39, 17850, 'United Kingdom')`;

const reset = async ({ env }: Pick<Fixture, 'env'>) => {
  const { code, summaries } = await capture.run(env, '--reset');
  expect({ code, summaries }).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
};

const day = parseDs('2010-12-01');

/** What a plan makes of the manifest and the pointer. */
async function verdict({ bucket, head }: Fixture, ds = day) {
  const text = await bucket.text(`user_purchase/stage/${ds}/_manifest.json`);
  const { source, totals } = JSON.parse(text) as Manifest;
  return [totals.rows, verdictOf(await head(), source, ds)];
}

/** Rows and row hash of each day, as the extraction publishes them. */
async function extracted(
  env: Readonly<Record<string, string>>,
  bucket: TestBucket,
): Promise<ReadonlyMap<string, { rows: number; hash: bigint }>> {
  const range = [`--ds=${days[0]}`, `--through=${String(days.at(-1))}`];
  expect((await extraction.run({ ...env, PIPELINE_BUCKET: bucket.name }, ...range)).code).toBe(0);
  const found = await Promise.all(
    days.map(async (ds) => {
      const text = await bucket.text(`user_purchase/stage/${ds}/_manifest.json`);
      const { files, totals } = JSON.parse(text) as Manifest;
      const hash = files.reduce((sum, { rowHash = '' }) => sum + BigInt(`0x${rowHash}`), 0n);
      return [ds, { rows: totals.rows, hash: BigInt.asUintN(64, hash) }] as const;
    }),
  );
  return new Map(found);
}

describe('a random history', () => {
  it(
    'leaves in the pointer what turns the published row hash of each day into that of a new extraction',
    async () => {
      await checkProperty(
        fc.tuple(history, history, history),
        3,
        async ([before, first, second]) => {
          await using fixture = await openFixture(cloud);
          await using again = await freshBucket(cloud);
          const { database, env, bucket } = fixture;
          for (const transaction of before) await database.query(transaction);
          await reset(fixture);
          const published = await extracted(env, bucket);
          for (const part of [first, second]) {
            for (const transaction of part) await database.query(transaction);
            expect((await capture.run(env)).code).toBe(0);
          }
          const fresh = await extracted(env, again);
          const head = await fixture.head();
          for (const ds of days) {
            const { rows = 0, rowHash = '0', uncounted = 0 } = head.days[ds as never] ?? {};
            expect(uncounted, ds).toBe(0);
            const was = published.get(ds) ?? { rows: 0, hash: 0n };
            expect(
              {
                rows: was.rows + rows,
                hash: BigInt.asUintN(64, was.hash + BigInt(`0x${rowHash}`)),
              },
              ds,
            ).toEqual(fresh.get(ds));
          }
        },
      );
    },
    propertyTimeout,
  );
});

describe('the shop', () => {
  it('can still update and delete after the set-up, and after it is undone', async () => {
    await using fixture = await openFixture(cloud);
    const { database } = fixture;
    for (const statements of ['', tearDown]) {
      await database.query(statements === '' ? 'select 1' : statements);
      await database.query(insert('2010-12-01 08:00'));
      await database.query('update retail.user_purchase set quantity = 7');
      await database.query('delete from retail.user_purchase');
    }
  });
});

describe('a run', () => {
  it('leaves out other tables of the publication, whatever their identity', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    await database.query(
      'create table retail.orders (id int primary key, n int); alter publication user_behaviour add table retail.orders',
    );
    await reset(fixture);
    await database.query('insert into retail.orders values (1, 1)');
    await database.query('update retail.orders set n = 2');
    await database.query('delete from retail.orders');
    await database.query(insert('2010-12-01 08:00'));
    const { code, summaries } = await capture.run(env);
    expect([code, summaries[0]?.['changes']]).toEqual([0, 1]);
    expect(Object.keys((await fixture.head()).days)).toEqual(['2010-12-01']);
  });

  it('records each touched day, acknowledges it, and finds nothing when it is run again', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    const missing = await capture.run(env);
    expect(missing).toMatchObject({ code: 65, summaries: [{ kind: 'data' }] });
    expect(missing.summaries[0]?.['action']).toContain('--reset');
    await reset(fixture);
    await database.query(insert('2010-12-01 08:00'));
    await database.query(insert('2010-12-01 09:00', 1));
    await database.query(
      "update retail.user_purchase set invoice_date = '2010-12-02' where quantity = 6",
    );
    const { summaries } = await capture.run(env, '--run-id=one');
    expect(summaries).toMatchObject([
      { job: 'capture-purchases', run: 'one', status: 'published', changes: 3, exit: 0 },
    ]);
    expect(summaries[0]?.['days']).toEqual(['2010-12-01', '2010-12-02']);
    const head = await fixture.head();
    expect(head.days).toMatchObject({
      '2010-12-01': { inserted: 2, updated: 0, deleted: 1, rows: 0, rowHash: '0'.repeat(16) },
      '2010-12-02': { inserted: 1, rows: 1 },
    });
    const [slot] = (await database.query(
      `select confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = '${fixture.slot}'`,
    )) as readonly { confirmed: string }[];
    expect(slot?.confirmed).toBe(head.position);
    expect((await capture.run(env)).summaries).toMatchObject([{ status: 'unchanged', changes: 0 }]);
    expect((await fixture.head()).days).toEqual(head.days);
    expect(await fixture.bucket.keys('runs/capture-purchases/')).toHaveLength(4);
    // As an older release wrote it.
    const older = structuredClone(head);
    delete older.publication;
    delete older.source.table.columns;
    await fixture.bucket.put('user_purchase/changes/_head.json', JSON.stringify(older));
    expect((await capture.run(env)).code).toBe(0);
    const { publication, source } = await fixture.head();
    expect([publication, source]).toEqual(['user_behaviour', head.source]);
  });

  it('says what it would do, and touches nothing', async () => {
    await using fixture = await openFixture(cloud);
    const { summaries } = await capture.run(fixture.env, '--dry-run', '--reset');
    expect(summaries).toMatchObject([{ status: 'planned', slot: fixture.slot, resets: true }]);
    expect(await fixture.bucket.keys('')).toEqual([]);
    expect((await capture.run(fixture.env, '--ds=2010-12-01')).code).toBe(64);
  });

  it('works with a role that may replicate and read, and no more', async () => {
    await using fixture = await openFixture(cloud);
    const { database } = fixture;
    const name = `capture_${fixture.slot}`;
    await database.query(role.replaceAll(/\bcapture\b/g, name));
    await database.query(`alter role ${name} password 'x'`);
    const url = Object.assign(new URL(database.url), { username: name, password: 'x' }).href;
    const env = { ...fixture.env, SOURCE_DATABASE_URL: url };
    try {
      await reset({ env });
      await database.query(insert('2010-12-01 08:00'));
      expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1 }]);
      const checked = await capture.run(env, '--check');
      expect(checked.summaries.filter(({ result }) => result !== 'ok')).toEqual([]);
      await database.query(`alter role ${name} noreplication`);
      const refused = await capture.run(env);
      expect(refused).toMatchObject({ code: 78, summaries: [{ kind: 'configuration' }] });
      expect(refused.summaries[0]?.['action']).toContain('020_role.sql');
    } finally {
      await database.query(`drop owned by ${name}; drop role ${name}`);
    }
  });
});

describe('a published day', () => {
  const ds = day;
  const extract = async ({ env }: Fixture, ...argv: readonly string[]) => {
    const { code, summaries } = await extraction.run(env, `--ds=${ds}`, ...argv);
    expect(code).toBe(0);
    return summaries[0]?.['status'];
  };

  it('is known to be the same or changed once it is read after the reset', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    await database.query(insert(`${ds} 08:00`));
    await extract(fixture);
    await reset(fixture);
    expect(await verdict(fixture)).toEqual([1, 'unknown']);
    // As any transaction of the shop does: the manifest keeps its state while nothing at all happens.
    await database.query('select txid_current()');
    expect(await extract(fixture)).toBe('unchanged');
    expect(await verdict(fixture)).toEqual([1, 'same']);
    await database.query(insert(`${ds} 09:00`));
    await capture.run(env);
    expect(await verdict(fixture)).toEqual([1, 'changed']);
    expect(await extract(fixture)).toBe('published');
    expect(await verdict(fixture)).toEqual([2, 'same']);
    // The sums begin anew. Even changes that cancel each other make the day due; its extraction publishes nothing.
    await database.query('begin; update retail.user_purchase set quantity = 9; rollback');
    await database.query('update retail.user_purchase set country = country');
    await capture.run(env);
    expect((await fixture.head()).days[ds]).toMatchObject({ inserted: 0, updated: 2, rows: 0 });
    expect(await verdict(fixture)).toEqual([2, 'changed']);
    expect(await extract(fixture)).toBe('unchanged');
    expect(await verdict(fixture)).toEqual([2, 'same']);
  });

  it('is changed by a commit that was in the log, but not visible, when it was read', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    await reset(fixture);
    const wait = async (standby: string) => {
      await database.query(`alter system set synchronous_standby_names = '${standby}'`);
      await database.query('select pg_reload_conf()');
    };
    await wait('nobody');
    try {
      const hung = database.query(insert(`${ds} 08:00`));
      const waiting = () =>
        database.query("select 1 from pg_stat_activity where wait_event = 'SyncRep'");
      await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1);
      await extract(fixture);
      expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1 }]);
      expect(await verdict(fixture)).toEqual([0, 'changed']);
      await wait('');
      await hung;
      await extract(fixture);
      expect(await verdict(fixture)).toEqual([1, 'same']);
    } finally {
      await wait('');
    }
  });
});

describe('the extraction of the next night', () => {
  const [old, next] = ['2010-03-01', '2010-12-01'];
  const statuses = async ({ env }: Pick<Fixture, 'env'>) => {
    const { code, summaries, log } = await extraction.run(env, `--ds=${next}`, '--look-back=1');
    expect(code).toBe(0);
    const told = summaries.map(({ ds, status }) => `${String(ds)} ${String(status)}`);
    return { told, log: log.map(({ msg }) => msg).join('\n') };
  };

  it('also takes the captured days, however old, and once', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    await reset(fixture);
    await database.query('select txid_current()');
    for (const ds of [old, next]) {
      await database.query(insert(`${ds} 08:00`));
      expect((await extraction.run(env, `--ds=${ds}`)).code).toBe(0);
    }
    await database.query(insert(`${old} 09:00`));
    // A day that was never published, and one that is not before the day of the run.
    await database.query(insert('2010-03-02 09:00'));
    await database.query(insert('2010-12-02 09:00'));
    expect((await statuses(fixture)).told).toEqual([`${next} unchanged`]);
    expect((await capture.run(env)).code).toBe(0);
    expect((await statuses(fixture)).told).toEqual([`${next} unchanged`, `${old} published`]);
    expect((await statuses(fixture)).told).toEqual([`${next} unchanged`]);
    // After a gap nothing is known.
    await database.query('truncate retail.user_purchase');
    expect((await capture.run(env)).code).toBe(65);
    const { log } = await statuses(fixture);
    expect(log).toContain('captured changes are not used: retail.user_purchase was truncated');
  });
});

describe('a gap', () => {
  const remake = `drop publication user_behaviour; ${setUp}`;
  it.each<[string, string, RegExp]>([
    ['a publication that was made anew', remake, /publication was changed/],
    ['TRUNCATE', 'truncate retail.user_purchase', /truncated/],
    [
      'a table that was made anew',
      `create table retail.other (like retail.user_purchase); drop table retail.user_purchase;
       alter table retail.other rename to user_purchase; ${remake}`,
      /made anew/,
    ],
    [
      'a publication that forgot the table for a while',
      'alter publication user_behaviour drop table retail.user_purchase; alter publication user_behaviour add table retail.user_purchase',
      /publication was changed/,
    ],
    ['a slot that somebody has read', 'advance', /begins after the pointer/],
    ['a slot that is gone', 'drop', /is gone/],
    [
      'a type that writes values in another way',
      'alter table retail.user_purchase alter unit_price type numeric(10, 5)',
      /column unit_price was changed: .*numeric\(10,5\), before .*numeric\(8,3\)/,
    ],
    [
      'a column that had another name for a while',
      `alter table retail.user_purchase rename country to land; update retail.user_purchase set quantity = 9;
       alter table retail.user_purchase rename land to country`,
      /no column country/,
    ],
    [
      'an identity that was not full for a while',
      `alter table retail.user_purchase add id serial primary key, replica identity default;
       update retail.user_purchase set quantity = 9; alter table retail.user_purchase replica identity full`,
      /identity .* was not full for some time/,
    ],
    [
      'a table that inherits',
      'create table retail.more () inherits (retail.user_purchase)',
      /inherit from retail.user_purchase are not captured: retail.more/,
    ],
  ])(
    '%s ends with 65 until a reset, acknowledges nothing, and is in the pointer',
    async (_, statements, why) => {
      await using fixture = await openFixture(cloud);
      const { database, env, slot } = fixture;
      await reset(fixture);
      await database.query(insert('2010-12-01 08:00'));
      const ofSlot: Readonly<Record<string, string>> = {
        advance: `select pg_replication_slot_advance('${slot}', pg_current_wal_lsn())`,
        drop: `select pg_drop_replication_slot('${slot}')`,
      };
      await database.query(ofSlot[statements] ?? statements);
      await database.query(insert('2010-12-02 08:00'));
      for (let time = 0; time < 2; time += 1) {
        const { code, summaries } = await capture.run(env);
        expect({ code, summaries }).toMatchObject({ code: 65, summaries: [{ kind: 'data' }] });
        expect(summaries[0]?.['message']).toMatch(why);
        expect(summaries[0]?.['action']).toContain('capture-purchases --reset');
      }
      expect(await fixture.head()).toMatchObject({
        epoch: 1,
        days: {},
        gap: expect.stringMatching(why) as string,
      });
      await database.query('drop table if exists retail.more');
      await reset(fixture);
      await database.query(insert('2010-12-03 08:00'));
      expect((await capture.run(env)).summaries).toMatchObject([
        { epoch: 2, days: ['2010-12-03'] },
      ]);
    },
  );

  it('is also the loss of the slot to a limit of the server; a look finds what has changed meanwhile', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    const [first, second] = [day, parseDs('2010-12-02')];
    const range = [`--ds=${first}`, `--through=${second}`];
    await database.query([insert(`${first} 08:00`), insert(`${second} 08:00`)].join(';'));
    await reset(fixture);
    await database.query('select txid_current()');
    expect((await extraction.run(env, ...range)).code).toBe(0);
    expect(await verdict(fixture)).toEqual([1, 'same']);
    try {
      await database.query("alter system set max_slot_wal_keep_size = '1MB'");
      await database.query('select pg_reload_conf()');
      for (let segment = 0; segment < 3; segment += 1) {
        await database.query(insert(`${first} 09:00`));
        await database.query('select pg_switch_wal()');
      }
      await database.query('checkpoint');
      const { code, summaries } = await capture.run(env);
      expect({ code, summaries }).toMatchObject({ code: 65, summaries: [{ kind: 'data' }] });
      expect(summaries[0]?.['message']).toContain('has dropped what the slot');
      expect((await fixture.head()).gap).toContain('has dropped');
    } finally {
      await database.query('alter system reset max_slot_wal_keep_size');
      await database.query('select pg_reload_conf()');
    }
    const verdicts = async () => [await verdict(fixture, first), await verdict(fixture, second)];
    const unknown = [
      [1, 'unknown'],
      [1, 'unknown'],
    ];
    expect(await verdicts()).toEqual(unknown);
    await reset(fixture);
    expect((await capture.run(env)).code).toBe(0);
    expect(await verdicts()).toEqual(unknown);
    const look = async () =>
      (await extraction.run(env, '--look', ...range)).summaries.map((line) => line['verdict']);
    expect(await look()).toEqual(['changed', 'same']);
    await database.query('select txid_current()');
    expect((await extraction.run(env, `--ds=${first}`)).code).toBe(0);
    expect(await look()).toEqual(['same', 'same']);
    expect((await extraction.run(env, ...range)).summaries).toMatchObject([
      { status: 'unchanged' },
      { status: 'unchanged' },
    ]);
    expect(await verdicts()).toEqual([
      [4, 'same'],
      [1, 'same'],
    ]);
  });

  it('in the names of a schema in the publication is noticed', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    const ofSchema = (verb: string) =>
      database.query(`alter publication user_behaviour ${verb} tables in schema retail`);
    await database.query('alter publication user_behaviour drop table retail.user_purchase');
    await ofSchema('add');
    await reset(fixture);
    await database.query(insert('2010-12-01 08:00'));
    expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1 }]);
    await ofSchema('drop');
    await database.query(insert('2010-12-02 08:00'));
    await ofSchema('add');
    const { code, summaries } = await capture.run(env);
    expect(code).toBe(65);
    expect(summaries[0]?.['message']).toContain('publication was changed');
    await database.query('create table retail.more () inherits (retail.user_purchase)');
    const checked = await capture.run(env, '--check');
    const found = checked.summaries.filter(({ result }) => result !== 'ok');
    expect(checked.code).toBe(78);
    expect(found.map(({ check }) => check)).toEqual([
      'source: publication and identity',
      'source: slot',
    ]);
    expect(JSON.stringify(found)).toMatch(/inherit from .* retail\.more.*publication was changed/);
  });
});

describe('a mistake', () => {
  const other = (env: Fixture['env'], change: (url: URL) => void) => {
    const url = new URL(String(env['SOURCE_DATABASE_URL']));
    change(url);
    return url.href;
  };
  const identity = (kind: string) => `alter table retail.user_purchase replica identity ${kind}`;
  it.each<[string, (env: Fixture['env']) => Fixture['env'], string, string, RegExp]>([
    [
      ...['in CAPTURE_PUBLICATION', () => ({ CAPTURE_PUBLICATION: 'user_behavior' }), '', ''],
      /CAPTURE_PUBLICATION names the publication user_behavior, .* of user_behaviour/,
    ] as const,
    [
      ...['in CAPTURE_SLOT', () => ({ CAPTURE_SLOT: 'another' }), '', ''],
      /CAPTURE_SLOT names the slot another, .* of test_/,
    ] as const,
    [
      'in the name of the database',
      (env) => ({ SOURCE_DATABASE_URL: other(env, (url) => (url.pathname = '/postgres')) }),
      '',
      '',
      /SOURCE_DATABASE_URL names the database postgres, .* of test_/,
    ],
    [
      ...['in the identity', () => ({}), identity('default'), identity('full')],
      /expected full/,
    ] as const,
    [
      'that takes the table away for a while',
      () => ({}),
      'alter table retail.user_purchase rename to gone',
      'alter table retail.gone rename to user_purchase',
      /does not exist/,
    ],
  ])(
    '%s ends with 78, and costs nothing once it is corrected',
    async (_, wrong, does, undoes, message) => {
      await using fixture = await openFixture(cloud);
      const { database, env } = fixture;
      await reset(fixture);
      await database.query(insert('2010-12-01 08:00'));
      const before = await fixture.head();
      if (does !== '') await database.query(does);
      const { code, summaries } = await capture.run({ ...env, ...wrong(env) });
      expect({ code, summaries }).toMatchObject({
        code: 78,
        summaries: [{ kind: 'configuration' }],
      });
      expect(summaries[0]?.['message']).toMatch(message);
      expect(await fixture.head()).toEqual(before);
      if (undoes !== '') await database.query(undoes);
      expect((await capture.run(env)).summaries).toMatchObject([
        { epoch: 1, days: ['2010-12-01'] },
      ]);
    },
  );
});

describe('a reset', () => {
  it('ends with 75 if a transaction stays open, names it, and leaves no slot', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env, slot } = fixture;
    const shop = new pg.Client({ connectionString: database.url, application_name: 'till' });
    await shop.connect();
    try {
      await shop.query('begin; select txid_current()');
      const short = { ...env, SOURCE_STATEMENT_TIMEOUT: '1s' };
      const { code, summaries } = await capture.run(short, '--reset');
      expect({ code, summaries }).toMatchObject({ code: 75, summaries: [{ kind: 'transient' }] });
      expect(summaries[0]?.['message']).toMatch(
        /within 1 s: the server waits for transactions .*: process \d+ \(till, role \w+, database test_\w+, since 20.*Z\)/,
      );
      const running = capture.start(env, '--reset');
      const isWaiting = () =>
        database.query(`select 1 from pg_replication_slots where slot_name = '${slot}' and active`);
      await expect.poll(isWaiting, { timeout: 20_000 }).toHaveLength(1);
      running.child.kill('SIGTERM');
      expect((await running.ended).code).toBe(143);
      expect(await fixture.bucket.keys('user_purchase/')).toEqual([]);
    } finally {
      await shop.end();
    }
    // The server notices that the reset is gone.
    const isMade = async () => (await capture.run(env, '--reset')).code;
    await expect.poll(isMade, { timeout: 20_000, interval: 500 }).toBe(0);
  });

  it('is a gap until it has ended, and keeps the days that it knows', async () => {
    await using fixture = await openFixture(cloud);
    const { database, env } = fixture;
    await reset(fixture);
    await database.query(insert(`${day} 08:00`));
    expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1 }]);
    const shop = new pg.Client({ connectionString: database.url });
    await shop.connect();
    try {
      await shop.query('begin; select txid_current()');
      const short = { ...env, SOURCE_STATEMENT_TIMEOUT: '1s' };
      expect((await capture.run(short, '--reset')).code).toBe(75);
    } finally {
      await shop.end();
    }
    expect((await fixture.head()).gap).toBe('a reset was begun');
    expect((await capture.run(env)).code).toBe(65);
    await reset(fixture);
    const { gap, epoch, days: kept } = await fixture.head();
    expect([gap, epoch, Object.keys(kept)]).toEqual([undefined, 2, [day]]);
  });
});

it('works at a replica, also while its replay is paused, and says until when', async () => {
  await using fixture = await openFixture(cloud);
  const { database, bucket } = fixture;
  await using standby = await startStandby(database.url);
  const url = standby.addressOf(database.url);
  const env = { ...fixture.env, SOURCE_DATABASE_URL: url };
  const replica = new pg.Client({ connectionString: url });
  await replica.connect();
  const ask = async (sql: string) => {
    const { rows } = await replica.query<{ value: unknown }>(`select ${sql} as value`);
    return rows[0]?.value;
  };
  const replayed = async () => {
    const [at] = (await database.query('select pg_current_wal_lsn()::text as lsn')) as readonly {
      lsn: string;
    }[];
    await expect
      .poll(() => ask(`pg_last_wal_replay_lsn() >= '${String(at?.lsn)}'`), { timeout: 30_000 })
      .toBe(true);
  };
  try {
    const refused = await capture.run(env, '--reset');
    expect(refused.code).toBe(78);
    expect(refused.summaries[0]?.['message']).toContain('hot_standby_feedback=off');
    await replica.query('alter system set hot_standby_feedback = on');
    await ask('pg_reload_conf()');

    // A slot is made when the primary has logged its open transactions and the replica has replayed that.
    await ask('pg_wal_replay_pause()');
    const late = await capture.run({ ...env, SOURCE_STATEMENT_TIMEOUT: '1s' }, '--reset');
    expect(late).toMatchObject({ code: 75, summaries: [{ kind: 'transient' }] });
    expect(late.summaries[0]?.['action']).toMatch(/pg_log_standby_snapshot.*pg_wal_replay_resume/);
    await ask('pg_wal_replay_resume()');
    const resetting = capture.start(env, '--reset');
    const ended = resetting.ended.then(({ code }) => code);
    const made = async () => {
      await database.query('select pg_log_standby_snapshot()');
      return Promise.race([ended, Promise.resolve(undefined)]);
    };
    await expect.poll(made, { timeout: 30_000, interval: 200 }).toBe(0);

    await database.query(insert('2010-12-01 08:00'));
    await replayed();
    expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1, epoch: 1 }]);
    expect((await extraction.run(env, '--ds=2010-12-01')).code).toBe(0);
    expect(await verdict(fixture)).toEqual([1, 'same']);

    await ask('pg_wal_replay_pause()');
    await database.query(insert('2010-12-01 09:00'));
    const [paused] = (await database.query('select now() as at')) as readonly { at: Date }[];
    await expect
      .poll(() => ask('pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()'), { timeout: 30_000 })
      .toBe(true);
    const behind = await capture.run(env);
    expect(behind).toMatchObject({ code: 0, summaries: [{ status: 'unchanged', changes: 0 }] });
    expect(new Date(String(behind.summaries[0]?.['capturedUntil'])).getTime()).toBeLessThan(
      Number(paused?.at.getTime()),
    );
    await ask('pg_wal_replay_resume()');
    await replayed();
    expect((await capture.run(env)).summaries).toMatchObject([{ changes: 1 }]);
    expect(await verdict(fixture)).toEqual([1, 'changed']);
    expect(await bucket.keys('user_purchase/changes/')).toHaveLength(1);
  } finally {
    await replica.end();
  }
});

it('a long drain records its parts, so that what breaks it later does not undo them', async () => {
  await using fixture = await openFixture(cloud);
  const { database, env } = fixture;
  await reset(fixture);
  const many = (ds: string) =>
    database.query(
      `insert into retail.user_purchase
       select '1', '2', 'x', 6, '${ds}', 1.5, n, 'x' from generate_series(1, 150000) as n`,
    );
  for (const ds of ['2010-12-01', '2010-12-02', '2010-12-03']) await many(ds);
  await database.query('truncate retail.user_purchase');
  const { code, log } = await capture.run(env);
  expect(code).toBe(65);
  expect(log.filter(({ msg }) => String(msg).startsWith('a part of'))).toHaveLength(1);
  const { days: found, position, gap } = await fixture.head();
  expect(gap).toContain('truncated');
  expect(found).toMatchObject({ '2010-12-01': { rows: 150_000 }, '2010-12-02': { rows: 150_000 } });
  expect(Object.keys(found)).toHaveLength(2);
  const confirmed = `select confirmed_flush_lsn::text as at from pg_replication_slots where slot_name = '${fixture.slot}'`;
  await expect.poll(() => database.query(confirmed)).toEqual([{ at: position }]);
});

it('keeps no more of the log than two intervals of a busy neighbour', async () => {
  await using fixture = await openFixture(cloud);
  const { database, env } = fixture;
  await reset(fixture);
  await database.query('create table neighbour (text text)');
  await database.query(
    `insert into neighbour select repeat(md5(n::text), 30) from generate_series(1, 42000) as n`,
  );
  const [written] = (await database.query(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::int as bytes from pg_replication_slots where slot_name = '${fixture.slot}'`,
  )) as readonly { bytes: number }[];
  expect(written?.bytes).toBeGreaterThan(40_000_000);
  const kept = async () => {
    // The server does the same every 15 s.
    await database.query('select pg_log_standby_snapshot()');
    expect((await capture.run(env)).code).toBe(0);
    const rows = (await database.query(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::int as bytes from pg_replication_slots where slot_name = '${fixture.slot}'`,
    )) as readonly { bytes: number }[];
    return rows[0]?.bytes;
  };
  await kept();
  expect(await kept()).toBeLessThan(2 ** 24);
});

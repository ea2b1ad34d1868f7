/** plan, backfill and catchup with real jobs: they do exactly what was planned. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { cells, operator, startOperator } from '@user-behaviour/testkit/operator-command';
import { removesByCondition } from './removes-by-condition.ts';
import { seeded } from '@user-behaviour/testkit/seed-command';

const bundles = new Map<JobName, BundledJob>();
function jobOf(name: JobName): BundledJob {
  const job = bundles.get(name);
  if (job === undefined) throw new Error(`${name} is not bundled`);
  return job;
}

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const from = '2010-12-01';
const to = '2010-12-03';
const range = [`--from=${from}`, `--to=${to}`];
const quick = ['--retry-delay=0', '--jobs=2'];

/** Whether a job did what was planned for a day: `did` is its status, `changed` whether a source had changed. */
function matchesPlan(planned: string, did: string, changed: boolean): boolean {
  if (planned.startsWith('FAIL')) return did.startsWith('FAILED');
  if (planned === 'check') return /^(published|unchanged)/.test(did);
  if (planned.startsWith('nothing')) return changed || did.startsWith('unchanged');
  return /^(published|loaded)/.test(did);
}

function expectPlanned(plan: string, done: string): void {
  const planned = cells(plan);
  const did = cells(done);
  expect(did.map(([ds]) => ds)).toEqual(planned.map(([ds]) => ds));
  for (const [index, line] of planned.entries()) {
    const outcomes = did[index] ?? [];
    const changed = outcomes.some(
      (outcome, job) => line[job] === 'check' && outcome.startsWith('published'),
    );
    const broken = jobs.filter(
      (_, job) => !matchesPlan(line[job + 1] ?? '', outcomes[job + 1] ?? '', changed),
    );
    expect(broken, `${line.join(' | ')} became ${outcomes.join(' | ')}`).toEqual([]);
  }
}

/** Milliseconds for some thirty processes and two Spark applications. */
const testTimeout = 1_200_000;

it(
  'plans, does exactly that, and catches up on what is missing, stale or damaged',
  async () => {
    await using temporary = await mkdtempDisposable(join(tmpdir(), 'catchup-'));
    await using bucket = await freshBucket(cloud);
    const removable = await removesByCondition(bucket);
    await using database = await freshDatabase(cloud);
    const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
    const settings = await seeded({ ...bucket.env, ...source }, temporary.path);
    const env = { ...settings, HISTORY_START: from };
    const plan = async (now: Readonly<Record<string, string>> = env) => {
      const { code, stdout, stderr } = await operator(now, 'plan', ...range);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const backfill = async (now: Readonly<Record<string, string>> = env, ...more: string[]) => {
      const { code, stdout, stderr } = await operator(now, 'backfill', ...range, ...quick, ...more);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const catchup = (now: Readonly<Record<string, string>> = env, ...more: string[]) =>
      operator(now, 'catchup', `--to=${to}`, ...quick, ...more);

    // Nothing exists yet: one range; a day of it depends on the day before.
    const empty = await plan();
    expect(empty.match(/missing/g)).toHaveLength(12);
    const shown = await operator(env, 'backfill', ...range, '--dry-run');
    expect(shown).toMatchObject({ code: 0, stdout: empty });
    expect(await bucket.keys()).toEqual([]);
    const inOrder = ['--from=2010-12-02', '--to=2010-12-02', '--depends-on-past'];
    const stuck = await operator(env, 'plan', ...inOrder);
    expect(stuck.stdout).toContain('FAIL: the day before is not loaded');
    const refused = await operator(env, 'backfill', ...inOrder, ...quick);
    expect(refused.code, refused.stderr).toBe(75);
    expectPlanned(stuck.stdout, refused.stdout);
    const rest = await plan();
    const first = await catchup(env, '--depends-on-past');
    expect(first.code, first.stderr).toBe(0);
    expectPlanned(rest, first.stdout);
    expect(first.stderr).toContain('; in 1 range up to 2010-12-03');
    expect(first.stderr).toContain('catchup: 2010-12-01 to 2010-12-03 on the local cloud\n');
    expect(first.stderr).toMatch(/\n3 days: 3 ok, 0 failed in [\d.]+ (s|min)/);
    const before = await bucket.keys();
    const second = await operator({ ...env, HISTORY_END: to }, 'catchup', ...quick);
    expect(second).toMatchObject({ code: 0, stdout: `nothing to do up to ${to}\n` });
    const years = await operator({ ...env, HISTORY_END: '2011-12-01' }, 'catchup', ...quick);
    expect(years.code).toBe(64);
    expect(years.stderr).toContain(
      '363 days, 2010-12-04 to 2011-12-01: nothing was started\nadd --yes',
    );
    expectPlanned(await plan(), await backfill());
    expect(await bucket.keys()).toEqual(before);

    // Other parameters; newest first.
    const other = { ...env, MIN_QUANTITY: '5' };
    const changed = await plan(other);
    expect(changed.match(/parameters changed: minQuantity 2 → 5/g)).toHaveLength(3);
    expectPlanned(changed, await backfill(other, '--order=newest-first'));
    expect(await catchup(other)).toMatchObject({ code: 0, stdout: `nothing to do up to ${to}\n` });

    // The same as rules: catchup keeps what the backfill made, except of the day that is not in them.
    const rules = join(temporary.path, 'rules.json');
    const byRules = { ...env, RULES: rules };
    const rule = { parameter: 'minQuantity', from, until: '2010-12-02', value: 5 };
    await writeFile(rules, JSON.stringify({ version: 1, rules: [rule] }));
    const undone = await catchup(byRules, '--dry-run');
    expect(cells(undone.stdout).map(([ds, extract]) => [ds, extract])).toEqual([
      [to, 'extract: parameters changed: minQuantity 5 → 2'],
    ]);
    const states = async (now: Readonly<Record<string, string>>) =>
      cells((await operator(now, 'status')).stdout).map(([, state]) => state);
    expect(await states(byRules)).toEqual(['loaded', 'loaded', 'stale']);
    expect(await states(other)).toEqual(['loaded', 'loaded', 'loaded']);

    // A corrected source is noticed only when it is read again.
    await database.query(
      `delete from retail.user_purchase where invoice_date >= '${from}' and invoice_date < '2010-12-02'
     and ctid in (select ctid from retail.user_purchase where invoice_date < '2010-12-02' and quantity > 5 limit 3)`,
    );
    const corrected = await plan(other);
    expect(corrected).not.toMatch(/:/);
    const followed = await backfill(other);
    expectPlanned(corrected, followed);
    expect(cells(followed)[0]?.[1]).toMatch(/^published/);

    // A look notices it, and only that day is made again; then nothing is due.
    await database.query(
      `update retail.user_purchase set unit_price = unit_price + 1
       where invoice_date >= '2010-12-02' and invoice_date < '2010-12-03'
         and ctid in (select ctid from retail.user_purchase
                      where invoice_date >= '2010-12-02' and quantity > 5 order by invoice_date limit 1)`,
    );
    expect(await catchup(other)).toMatchObject({ code: 0, stdout: `nothing to do up to ${to}\n` });
    const looked = await operator(other, 'look', ...range);
    expect(cells(looked.stdout).map(([ds, source]) => [ds, source])).toEqual([
      ['2010-12-02', 'changed'],
    ]);
    const withLook = await operator(other, 'plan', ...range, '--look');
    expect(cells(withLook.stdout).map(([, extract]) => extract)).toEqual([
      'nothing, the same at the source',
      'extract: changed at the source',
      'nothing, the same at the source',
    ]);
    const made = await catchup(other, '--look');
    expect(made.code, made.stderr).toBe(0);
    expect(cells(made.stdout).map((line) => line.join(' '))).toEqual([
      expect.stringMatching(/^2010-12-02 published \d+ unchanged \d+ unchanged \d+ loaded \d+$/),
    ]);
    expect(await catchup(other, '--look')).toMatchObject({
      code: 0,
      stdout: `nothing to do up to ${to}\n`,
    });

    // A slice changed by hand: only that day is due.
    const damage = `--sql=delete from public.user_behavior_metric where insert_date = '${from}'`;
    expect(await operator(other, 'query', damage)).toMatchObject({ code: 0 });
    const due = await catchup(other, '--dry-run');
    expect(cells(due.stdout).map(([ds, , , , load]) => [ds, load])).toEqual([
      [from, 'load: damaged: the metric differs from its ledger'],
    ]);
    const mended = await catchup(other);
    expect(mended.code, mended.stderr).toBe(0);
    expectPlanned(due.stdout, mended.stdout);

    // A day that was loaded with other SQL is due; one whose SQL is unknown is not.
    const recordSql = (sql: string) =>
      operator(
        other,
        ...['query', `--sql=update public.user_behavior_metric_load set load_sql = ${sql}`],
      );
    const state = async () => cells((await operator(other, 'status')).stdout)[0]?.[1];
    expect(await recordSql('null')).toMatchObject({ code: 0 });
    expect(await catchup(other)).toMatchObject({ code: 0, stdout: `nothing to do up to ${to}\n` });
    const unknown = await operator(other, 'status');
    expect(unknown.stderr).toContain(
      `loaded with SQL that the ledger does not know: ${from} to ${to}; a backfill with --force`,
    );
    expect(await recordSql(`case when ds = '${from}' then 'other' end`)).toMatchObject({ code: 0 });
    expect(await state()).toBe('other SQL');
    const otherSql = await catchup(other, '--dry-run');
    expect(cells(otherSql.stdout).map(([ds, , , , load]) => [ds, load])).toEqual([
      [from, 'load: other SQL'],
    ]);
    expectPlanned(otherSql.stdout, (await catchup(other)).stdout);
    expect(await state()).toBe('loaded');

    // Nothing has changed, and yet every job does the day again.
    const one = [`--from=${from}`, `--to=${from}`, '--force'];
    const again = await operator(other, 'plan', ...one);
    expect(again.stdout.match(/forced/g)).toHaveLength(4);
    expectPlanned(again.stdout, (await operator(other, 'backfill', ...one, ...quick)).stdout);

    // A day that is run each hour is partial until it is over. The test says when the purchases were read.
    const pointer = `user_purchase/stage/${from}/_manifest.json`;
    const hour = async (time: string) => {
      const extracted = await jobOf('extract-purchases').run(other, `--ds=${from}`);
      const published = JSON.parse(await bucket.text(pointer)) as object;
      const partial = { ...published, completeUntil: `${from}T${time}:00.000Z` };
      await bucket.put(pointer, JSON.stringify(partial));
      const loaded = await jobOf('redshift-load').run(other, `--ds=${from}`);
      expect([extracted.code, loaded.code]).toEqual([0, 0]);
      const shown = await operator(other, 'status', '--json', `--from=${from}`, `--to=${from}`);
      return (JSON.parse(shown.stdout) as { days: unknown[] }).days;
    };
    const partialUntil = (time: string) => [
      {
        state: 'partial',
        published: { 'user_purchase/stage': { completeUntil: `${from}T${time}:00.000Z` } },
        load: { completeUntil: `${from} ${time}:00` },
      },
    ];
    const addPurchase = (time: string) =>
      database.query(
        `insert into retail.user_purchase select invoice_number, stock_code, detail, quantity,
         timestamp '${from} ${time}', unit_price, customer_id, country from retail.user_purchase
         where invoice_date < '2010-12-02' and quantity > 5 limit 1`,
      );
    for (const time of ['10:15', '11:15']) {
      await addPurchase(time);
      expect(await hour(time)).toMatchObject(partialUntil(time));
    }
    const next = await jobOf('redshift-load').run(other, '--ds=2010-12-02', '--depends-on-past');
    expect(next.code).toBe(75);
    expect(next.summaries[0]?.['message']).toContain(
      `${from}, the day before, is partial: its purchases are complete until ${from} 11:15:00 UTC only`,
    );
    const blocked = ['--from=2010-12-02', '--to=2010-12-02', '--depends-on-past'];
    expect((await operator(other, 'plan', ...blocked)).stdout).toContain(
      'FAIL: the day before is partial',
    );

    // Then it is due, even if no row came later.
    expect(await state()).toBe('partial');
    const whole = await catchup(other, '--dry-run');
    expect(cells(whole.stdout).map(([ds, extract]) => [ds, extract])).toEqual([
      [from, 'extract: partial day'],
    ]);
    expectPlanned(whole.stdout, (await catchup(other)).stdout);
    expect(await state()).toBe('loaded');

    // A day that fails is named and does not stop the others.
    const broken = {
      ...other,
      REVIEWS_SOURCE: join(temporary.path, '{ds}.csv'),
      MIN_QUANTITY: '3',
    };
    const failed = await catchup(broken, '--retries=0');
    expect(failed.code).toBe(75);
    expect(failed.stderr).toContain('failed: 2010-12-01 to 2010-12-03\n3 days: 0 ok, 3 failed');

    // Killed half-way while a sweep runs beside it; then run again.
    const existing = (await bucket.keys()).length;
    const killed = startOperator(env, 'backfill', ...range, ...quick);
    await expect
      .poll(async () => (await bucket.keys()).length, { timeout: 60_000 })
      .toBeGreaterThan(existing);
    const beside = operator(env, 'sweep', '--apply');
    killed.child?.kill('SIGTERM');
    expect((await killed.ended).code).toBe(143);
    expect((await beside).code).toBe(0);
    const [caughtUp, meanwhile] = await Promise.all([
      catchup(env),
      operator(env, 'sweep', '--apply'),
    ]);
    expect([caughtUp.code, meanwhile.code], caughtUp.stderr).toEqual([0, 0]);
    expect((await catchup(env)).stdout).toBe(`nothing to do up to ${to}\n`);
    const all = ['sweep', '--apply', '--older=0s', '--keep=0s'];
    const kept = await bucket.keys();
    expect((await operator(env, ...all, '--dry-run')).stderr).toContain('nothing was removed');
    expect(await bucket.keys()).toEqual(kept);
    const swept = await operator(env, ...all);
    expect(swept.code, swept.stderr).toBe(0);
    // A killed run's lease is removed only if it has not been taken over since.
    const lasting = (keys: readonly string[]) =>
      keys.filter((key) => removable || !key.endsWith('/_lease.json'));
    expect(lasting(await bucket.keys())).toHaveLength(lasting(before).length);
    const status = await operator(env, 'status');
    expect(cells(status.stdout).map(([, state]) => state)).toEqual(['loaded', 'loaded', 'loaded']);
  },
  testTimeout,
);

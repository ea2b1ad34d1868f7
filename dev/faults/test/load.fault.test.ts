/** redshift-load with a fault at every call (I5), while a reader reads the metric (I6). */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { openFaultProxy } from '../src/inject/fault-proxy.ts';
import { type Fault, isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import { countsOf, killAnywhere } from '../src/kill-anywhere.ts';
import { type Reader, startReader } from '../src/observe/reader.ts';
import { type Content, Upstreams } from '../src/observe/upstreams.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('redshift-load');
});

const older: Content = {
  purchases: [
    [1, 3, '2.55'],
    [2, 4, '0.5'],
    [2, 5, '1'],
    [3, 3, '9'],
  ],
  reviews: [
    [1, true],
    [2, false],
    [2, true],
    [4, true],
  ],
};
/** A customer more, a customer less, another amount. */
const newer: Content = {
  purchases: [
    [1, 3, '2.55'],
    [1, 6, '1'],
    [3, 3, '9'],
  ],
  reviews: [
    [1, true],
    [3, false],
  ],
};

async function open() {
  await using stack = new AsyncDisposableStack();
  const cloud: TestCloud = stack.use(await startTestCloud(['s3', 'redshift']));
  const bucket: TestBucket = stack.use(await freshBucket(cloud));
  const warehouse = stack.use(new WarehouseInspector(cloud.env));
  const all = stack.move();
  return { bucket, warehouse, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const publishAll = (upstreams: Upstreams, days: readonly Ds[]) =>
  mapConcurrently(8, days, (ds) => upstreams.publish(ds)).then(() => undefined);

describe('redshift-load', () => {
  it.each([
    { name: 'redshift-load', daysEach: 1, chosen: () => true },
    {
      name: 'redshift-load of a set of days',
      daysEach: 3,
      chosen: (effect: string) =>
        /(Execute|GetStatementResult).* (loaded|partitions-1|load-1)$/.test(effect),
    },
  ])(
    'survives every fault at every effect, unnoticed by a reader: $name (I5, I6)',
    async (kind) => {
      const { name, daysEach, chosen } = kind;
      await using fixture = await open();
      const { bucket, warehouse } = fixture;
      const upstreams = [
        new Upstreams(bucket, 'u1', older),
        new Upstreams(bucket, 'u2', newer),
      ] as const;
      const firstDay = parseDs('2010-01-01');
      let reader: Reader | undefined;
      const slices: string[] = [];
      const slice = async (ds: Ds) => (await warehouse.slices(ds, ds)).get(ds) ?? '';
      const prepare = async (days: readonly Ds[]) => {
        if (slices.length > 0) slices.push(await slice(firstDay));
        await publishAll(upstreams[0], days);
        const range = [`--ds=${days[0] ?? ''}`, `--through=${days.at(-1) ?? ''}`, '--parallel=4'];
        expect(await job.run(bucket.env, ...range)).toMatchObject({ code: 0 });
        if (slices.length === 0) slices.push(await slice(firstDay));
        await publishAll(upstreams[1], days);
        const [before = '', after] = slices;
        if (after !== undefined) reader = startReader(warehouse, days, { before, after });
      };
      const tally = await killAnywhere({
        job,
        env: bucket.env,
        firstDay,
        daysEach,
        chosen,
        state: async (ds) => {
          const rest = await warehouse.state(ds);
          return { rows: rest.slice, rest };
        },
        prepare,
      });
      const seen = await reader?.stop();
      report(name, countsOf(tally), `${String(seen?.reads)} reads of the metric`);
      expect(tally.problems).toEqual([]);
      expect(slices[0]).not.toEqual(slices[1]);
      expect(seen?.unexpected).toEqual([]);
      expect(seen?.reads).toBeGreaterThan(10);
      expect(tally.effects).toEqual(
        expect.arrayContaining([
          'redshift-data BatchExecuteStatement partitions-1',
          'redshift-data BatchExecuteStatement load-1',
          'redshift-data GetStatementResult load-1',
        ]),
      );
      expect(await warehouse.runningStatements()).toEqual([]);
    },
    400_000,
  );

  it('survives late and truncated replies and late calls', async () => {
    await using fixture = await open();
    const { bucket, warehouse } = fixture;
    const upstreams = new Upstreams(bucket, 'u1', older);
    const firstDay = parseDs('2010-01-01');
    const tally = await killAnywhere({
      job,
      // Redshift may hold the reply to a submission back for up to two seconds.
      env: { ...bucket.env, SOCKET_TIMEOUT: '4s' },
      firstDay,
      state: async (ds) => {
        const rest = await warehouse.state(ds);
        return { rows: rest.slice, rest };
      },
      prepare: (days) => publishAll(upstreams, days),
      // How often the job polls a load depends on the speed of the machine.
      chosen: (effect) => isFirstOverHttp(effect) && !/prepare\/|DescribeStatement/.test(effect),
      faults: lateFaults,
      parallel: 8,
    });
    report('redshift-load, late or truncated', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects).toContain('redshift-data BatchExecuteStatement load-1');
    expect(await warehouse.runningStatements()).toEqual([]);
  }, 600_000);

  it('survives every fault while it creates the tables (I5)', async () => {
    await using fixture = await open();
    const { bucket, warehouse } = fixture;
    const ds = parseDs('2010-01-01');
    await new Upstreams(bucket, 'u1', older).publish(ds);
    const disturbed = async (effect: string, fault: Fault) => {
      const schedule = new FaultSchedule([{ effect, fault }]);
      await using proxy = await openFaultProxy(bucket.env, { schedule });
      const running = job.start(proxy.env, `--ds=${ds}`);
      proxy.killTarget(running.child);
      const { code } = await running.ended;
      return { effect, fault, code, met: schedule.unmet.length === 0 };
    };
    const drops = {
      'ExecuteStatement prepare/external_schema': 'drop schema spectrum drop external database',
      'ExecuteStatement prepare/user_purchase_staging': 'drop table spectrum.user_purchase_staging',
      'ExecuteStatement prepare/movie_review_clean_stage':
        'drop table spectrum.movie_review_clean_stage',
      'ExecuteStatement prepare/user_behavior_metric': 'drop table public.user_behavior_metric',
      'ExecuteStatement prepare/user_behavior_metric_load':
        'drop table public.user_behavior_metric_load',
      'ExecuteStatement prepare/user_behavior_metric_load_lock':
        'drop table public.user_behavior_metric_load_lock',
      'ExecuteStatement prepare/user_behavior_metric_migration':
        'drop table public.user_behavior_metric_migration',
      'BatchExecuteStatement prepare/migrate':
        'alter table public.user_behavior_metric_load drop column load_sql',
    };
    let injected = 0;
    // Each kill leaves one more object or none: the next run continues from there.
    for (const step of Object.keys(drops)) {
      for (const fault of ['killed before', 'killed after'] as const) {
        const effect = `redshift-data ${step}`;
        expect(await disturbed(effect, fault)).toEqual({ effect, fault, code: null, met: true });
        injected += 1;
      }
    }
    expect(await job.run(bucket.env, `--ds=${ds}`)).toMatchObject({ code: 0 });
    const state = await warehouse.state(ds);
    for (const [step, drop] of Object.entries(drops)) {
      for (const fault of ['lost answer', 'answered twice'] as const) {
        await warehouse.rows(drop);
        const effect = `redshift-data ${step}`;
        const ended = await disturbed(effect, fault);
        expect(ended).toEqual({ effect, fault, code: 0, met: true });
        expect(await warehouse.state(ds), `${effect}, ${fault}`).toEqual(state);
        injected += 1;
      }
    }
    report('redshift-load creating tables', {
      'effects named': Object.keys(drops).length,
      'faults injected': injected,
      survived: injected,
    });
    expect(await warehouse.runningStatements()).toEqual([]);
  }, 600_000);
});

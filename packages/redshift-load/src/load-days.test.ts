import { Semaphore } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';
import { Failure } from '@user-behaviour/shared/failure';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Outcome, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import { expect, it } from 'vitest';
import type { DataApi } from './data-api/client.ts';
import { StatementError, type Submission } from './data-api/request.ts';
import { loadDays, type Warehouse } from './load-days.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const ds = parseDs('2010-12-01');
const history = parseDs('2010-01-01');

function published(dataset: Dataset, day: Ds, generation: number): Published {
  const draft = {
    dataset,
    ds: day,
    run: `r${String(generation)}`,
    job: { name: 'j', version: '1' },
    parameters: { minQuantity: 2 },
    upstream: [],
    files: [],
    startedAt: new Date(0),
    finishedAt: new Date(0),
  };
  return { manifest: completeManifest(draft, generation), etag: `"${String(generation)}"` };
}

const warehouse = (api: object, require: ManifestStore['require'], force = false): Warehouse => ({
  api: api as DataApi,
  store: { require } as unknown as ManifestStore,
  bucket: 'stages',
  historyStart: history,
  session: { flags: new Set(), wait: 0, force } as unknown as Session,
  loads: new Semaphore(1),
  prepare: () => Promise.resolve(),
});

/** Loads one day while other runs publish its upstreams again during each of the first `disturbed` loads. */
async function loadDisturbed(disturbed: number) {
  const submitted: string[] = [];
  const loads = () => submitted.filter((name) => name.includes('/load-'));
  const api = {
    ask: () => Promise.resolve([]),
    list: () => Promise.resolve([]),
    rows: () => Promise.resolve([{ metric_rows: '3' }]),
    run({ name }: Submission) {
      submitted.push(name);
      return Promise.resolve('id');
    },
  };
  const require = (dataset: Dataset, day: Ds) =>
    Promise.resolve(published(dataset, day, 1 + Math.min(loads().length, disturbed)));
  const reports: (Outcome | { readonly error: unknown })[] = [];
  await loadDays(
    [{ ds, run: 'r', log, record: new DayNotes() }],
    (_, result) => reports.push(result),
    warehouse(api, require),
  );
  return { reports, loads: loads().map((name) => name.split('/').at(-1)) };
}

it('a day whose upstreams change during a load is loaded again, from the new ones', async () => {
  const { reports, loads } = await loadDisturbed(1);
  expect(loads).toEqual(['load-1', 'load-2']);
  expect(reports).toMatchObject([{ status: 'loaded', rows: 3 }]);
});

it('is given up as transient after five rounds', async () => {
  const { reports, loads } = await loadDisturbed(Infinity);
  expect(loads).toEqual(['load-1', 'load-2', 'load-3', 'load-4', 'load-5']);
  expect(reports).toMatchObject([{ error: { kind: 'transient' } }]);
  expect(String((reports[0] as { error: Error }).error)).toContain('given up after 5 rounds');
});

it.each([
  { force: false, expected: 'unchanged' },
  { force: true, expected: 'loaded' },
])('a day that is current is $expected with force: $force', async ({ force, expected }) => {
  const require = (dataset: Dataset, day: Ds) => Promise.resolve(published(dataset, day, 1));
  const row = { ds, purchases_run: 'r1', reviews_run: 'r1', whole: '1', metric_rows: '3' };
  const api = {
    ask: ({ name }: Submission) => Promise.resolve(name.endsWith('/loaded') ? [row] : []),
    list: () => Promise.resolve([]),
    rows: () => Promise.resolve([{ metric_rows: '3' }]),
    run: () => Promise.resolve('id'),
  };
  const reports: unknown[] = [];
  const report: ReportDay = (_, result) => reports.push(result);
  await loadDays(
    [{ ds, run: 'r', log, record: new DayNotes() }],
    report,
    warehouse(api, require, force),
  );
  expect(reports).toMatchObject([{ status: expected, rows: 3 }]);
});

const throttled = new Failure('transient', 'list the statements: ThrottlingException');

it.each([
  { fails: 'the ledger', error: throttled, exit: 75 },
  {
    fails: 'the ledger',
    error: new StatementError('relation "x" does not exist', undefined),
    exit: 65,
  },
  { fails: 'the partitions', error: throttled, exit: 75 },
])(
  'if $fails fails for the days that are ready ($exit), a day that waits is loaded when its upstreams come',
  async ({ fails, error, exit }) => {
    const second = nextDs(ds);
    const delivered = Promise.withResolvers<undefined>();
    let working = false;
    const failing = (fault: boolean) =>
      fault && !working ? Promise.reject(error) : Promise.resolve();
    const api = {
      ask: async ({ name }: Submission) => {
        await failing(fails === 'the ledger' && name.endsWith('/loaded'));
        return [];
      },
      list: () => Promise.resolve([]),
      rows: () => Promise.resolve([{ metric_rows: '3' }]),
      run: async ({ name }: Submission) => {
        await failing(fails === 'the partitions' && name.includes('/partitions-'));
        return 'id';
      },
    };
    const require = async (dataset: Dataset, day: Ds) => {
      if (day === second) await delivered.promise;
      return published(dataset, day, 1);
    };
    const reports = new Map<Ds, unknown>();
    const reportDay: ReportDay = (day, result) => {
      reports.set(day, result);
      if (day !== ds) return;
      working = true;
      delivered.resolve(undefined);
    };
    const days = [ds, second].map((day) => ({ ds: day, run: 'r', log, record: new DayNotes() }));
    await loadDays(days, reportDay, warehouse(api, require));
    expect(reports.get(ds)).toMatchObject({ error: { exit } });
    expect(reports.get(second)).toMatchObject({ status: 'loaded', rows: 3 });
  },
);

it.each([
  ['ERROR: invalid input syntax for integer: "a newer load exists"', 'data', /later generation/],
  ['ERROR: column "x" does not exist', 'data', /statement moves_forward failed/],
  ['ERROR: connection lost', 'transient', /statement moves_forward failed/],
])(
  'the guard against an older generation that fails by %s is %s, and keeps the text',
  async (text, kind, message) => {
    const api = {
      ask: () => Promise.resolve([]),
      list: () => Promise.resolve([]),
      run: ({ name, statements }: Submission) =>
        name.includes('/load-')
          ? Promise.reject(
              new StatementError(
                text,
                statements.find((step) => step.name === 'moves_forward'),
              ),
            )
          : Promise.resolve('id'),
    };
    const reports: unknown[] = [];
    await loadDays(
      [{ ds, run: 'r', log, record: new DayNotes() }],
      (_, result) => reports.push(result),
      warehouse(api, (dataset) => Promise.resolve(published(dataset, ds, 1))),
    );
    expect(reports).toMatchObject([{ error: { kind } }]);
    const { error } = reports[0] as { readonly error: Error };
    expect(error.message).toMatch(message);
    expect(error.message).toContain(text.split(':')[1]?.trim());
  },
);

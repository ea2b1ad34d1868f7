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
import { statement } from './data-api/sql.ts';
import { loadStatements } from './load/transaction.ts';
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
  serverTime: () => new Date(),
  loads: new Semaphore(1),
  prepare: () => Promise.resolve(),
});

const audits = loadStatements()
  .filter(({ kind }) => kind === 'audit')
  .map(({ name }) => name);

it('the record of a day has what it read, the audits that held, and the statements with their queries', async () => {
  const api = {
    ask: () => Promise.resolve([]),
    list: () => Promise.resolve([]),
    rows: () => Promise.resolve([{ metric_rows: '3' }]),
    describe: (Id: string) =>
      Promise.resolve({
        Id,
        Duration: 2e9,
        SubStatements: [{ RedshiftQueryId: 7, Id: `${Id}:1` }],
      }),
    run({ name, onEnd }: Submission) {
      const Id = name.split('/').at(-1) ?? '';
      onEnd?.({ Id, Status: 'FINISHED' });
      return Promise.resolve(Id);
    },
  };
  const record = new DayNotes();
  const require = (dataset: Dataset, day: Ds) => Promise.resolve(published(dataset, day, 1));
  await loadDays([{ ds, run: 'r', log, record }], () => undefined, warehouse(api, require));
  expect(record.facts).toEqual({
    parameters: { loadSql: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    statements: [
      { name: 'partitions-1', id: 'partitions-1' },
      { name: 'load-1', id: 'load-1', queryIds: [7], seconds: 2 },
    ],
    inputs: [
      { dataset: 'user_purchase/stage', run: 'r1', rows: 0, bytes: 0, files: 0 },
      { dataset: 'movie_review/stage', run: 'r1', rows: 0, bytes: 0, files: 0 },
    ],
    audits,
  });
});

it('a failed audit is noted only when it is final: not if another run has changed the partition', async () => {
  const audit = statement('audit', '020_purchases_conserved');
  const error = new StatementError(`ERROR: Invalid digit, Value 'p', Pos 0`, audit);
  const located = (run: string) =>
    [
      ['user_purchase_staging', `s3://stages/user_purchase/stage/${ds}/${run}/`],
      ['movie_review_clean_stage', `s3://stages/movie_review/stage/${ds}/${run}/`],
    ].map(([tablename, location]) => ({ tablename, ds, location }));
  for (const [run, expected] of [
    ['other', { audit: undefined, audits }],
    ['r1', { audit: 'purchases_conserved', audits: ['moves_forward'] }],
  ] as const) {
    let loads = 0;
    const api = {
      ask: ({ name }: Submission) =>
        Promise.resolve(name.endsWith('/locations') ? located(run) : []),
      list: () => Promise.resolve([]),
      rows: () => Promise.resolve([{ metric_rows: '3' }]),
      describe: () => Promise.resolve(undefined),
      run: ({ name }: Submission) => {
        if (name.includes('/load-')) loads += 1;
        return name.includes('/load-') && loads === 1
          ? Promise.reject(error)
          : Promise.resolve('id');
      },
    };
    const record = new DayNotes();
    const require = (dataset: Dataset, day: Ds) => Promise.resolve(published(dataset, day, 1));
    await loadDays([{ ds, run: 'r', log, record }], () => undefined, warehouse(api, require));
    const { audit, audits } = record.facts;
    expect({ audit, audits }, run).toEqual(expected);
    expect(loads, run).toBe(run === 'other' ? 2 : 1);
  }
});

/** Loads one day while other runs publish its upstreams again during each of the first `disturbed` loads. */
async function loadDisturbed(disturbed: number) {
  const submitted: string[] = [];
  const loads = () => submitted.filter((name) => name.includes('/load-'));
  const api = {
    ask: () => Promise.resolve([]),
    list: () => Promise.resolve([]),
    rows: () => Promise.resolve([{ metric_rows: '3' }]),
    describe: () => Promise.resolve(undefined),
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
    describe: () => Promise.resolve(undefined),
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
      describe: () => Promise.resolve(undefined),
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
  [
    'ERROR: invalid input syntax for integer: "a newer load exists"',
    'data',
    /later generation/,
    'moves_forward',
  ],
  ['ERROR: column "x" does not exist', 'data', /statement moves_forward failed/, undefined],
  ['ERROR: connection lost', 'transient', /statement moves_forward failed/, undefined],
])(
  'the guard against an older generation that fails by %s is %s, and keeps the text',
  async (text, kind, message, audit) => {
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
    const record = new DayNotes();
    await loadDays(
      [{ ds, run: 'r', log, record }],
      (_, result) => reports.push(result),
      warehouse(api, (dataset) => Promise.resolve(published(dataset, ds, 1))),
    );
    expect(reports).toMatchObject([{ error: { kind } }]);
    const { error } = reports[0] as { readonly error: Error };
    expect(error.message).toMatch(message);
    expect(error.message).toContain(text.split(':')[1]?.trim());
    expect(record.facts['audit']).toBe(audit);
  },
);

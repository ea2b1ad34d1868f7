import { Semaphore } from '@user-behaviour/shared/concurrency';
import { mostFailures } from '@user-behaviour/shared/batches/halving';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Outcome, Session } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it } from 'vitest';
import type { DataApi } from '../data-api/client.ts';
import { StatementError, type Submission, token } from '../data-api/request.ts';
import { statement } from '../data-api/sql.ts';
import { loadDays } from '../load-days.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const first = parseDs('2010-12-01');
const daysFrom = (ds: Ds, count: number): readonly Ds[] =>
  count === 0 ? [] : [ds, ...daysFrom(nextDs(ds), count - 1)];

function published(dataset: Dataset, ds: Ds, generation = 1): Published {
  const draft = {
    ...{ dataset, ds, run: `r${String(generation)}`, job: { name: 'j', version: '1' }, files: [] },
    ...{ upstream: [], parameters: { minQuantity: 2 } },
    ...{ startedAt: new Date(0), finishedAt: new Date(0) },
  };
  return { manifest: completeManifest(draft, generation), etag: `"${String(generation)}"` };
}

/** The days that a submission loads. */
const daysOf = (submission: Submission | undefined): readonly string[] =>
  Object.entries(submission?.parameters ?? {}).flatMap(([name, value]) =>
    /^ds_\d+$/.test(name) ? [value] : [],
  );

type Result = Outcome | { readonly error: unknown };

/** Loads the days; `fail` returns the error of a transaction of these days, or undefined. */
async function load(
  days: readonly Ds[],
  fail: (loaded: readonly string[]) => Error | undefined = () => undefined,
  {
    setDays = 32,
    require = published,
    summarised = days,
  }: {
    setDays?: number;
    require?: (dataset: Dataset, ds: Ds) => Published;
    summarised?: readonly Ds[];
  } = {},
) {
  const loads: Submission[] = [];
  const results = new Map<Ds, Result>();
  const api = {
    // Every partition points where it should.
    ask: ({ name }: Submission) =>
      Promise.resolve(
        name.endsWith('/locations')
          ? days.flatMap((ds) => [
              {
                ...{ tablename: 'user_purchase_staging', ds },
                location: `s3://stages/user_purchase/stage/${ds}/r1`,
              },
              {
                ...{ tablename: 'movie_review_clean_stage', ds },
                location: `s3://stages/movie_review/stage/${ds}/r1`,
              },
            ])
          : [],
      ),
    list: () => Promise.resolve([]),
    rows: (id: string) =>
      Promise.resolve(
        daysOf(loads[Number(id)])
          .filter((ds) => summarised.some((one) => one === ds))
          .map((ds) => ({ ds, metric_rows: ds.slice(-2) })),
      ),
    describe: () => Promise.resolve(undefined),
    run: (submission: Submission) => {
      if (!submission.name.includes('/load-')) return Promise.resolve('0');
      loads.push(submission);
      const error = fail(daysOf(submission));
      return error === undefined
        ? Promise.resolve(String(loads.length - 1))
        : Promise.reject(error);
    },
  };
  const records = new Map(days.map((ds) => [ds, new DayNotes()]));
  await loadDays(
    days.map((ds) => ({ ds, run: 'r', log, record: records.get(ds) ?? new DayNotes() })),
    (ds, result) => results.set(ds, result),
    {
      api: api as unknown as DataApi,
      store: {
        require: (dataset: Dataset, ds: Ds) => Promise.resolve(require(dataset, ds)),
      } as unknown as ManifestStore,
      bucket: 'stages',
      historyStart: first,
      session: { flags: new Set(), wait: 0, force: false } as unknown as Session,
      serverTime: () => new Date(),
      setDays,
      loads: new Semaphore(1),
      prepare: () => Promise.resolve(),
    },
  );
  const failed = [...results].flatMap(([ds, result]) => ('error' in result ? [ds] : []));
  return { loads, results, failed, records, sets: loads.map((one) => daysOf(one).length) };
}

const audit = statement('audit', '020_purchases_conserved');
/** As Redshift reports an audit: with the whole verdict, or with its first character only. */
const found = (bad: readonly string[], isQuoted: boolean) =>
  new StatementError(
    isQuoted
      ? `ERROR: invalid input syntax for integer: "purchase rows differ from the manifest: ${bad.join(', ')}"`
      : `ERROR: Invalid digit, Value 'p', Pos 0, Type: Integer`,
    audit,
  );
const finds =
  (bad: readonly string[], isQuoted = true) =>
  (loaded: readonly string[]) => {
    const here = bad.filter((ds) => loaded.includes(ds));
    return here.length === 0 ? undefined : found(here, isQuoted);
  };

describe('days that are ready together', () => {
  it('are one transaction, with the outcome and the record of each', async () => {
    const days = daysFrom(first, 3);
    const { loads, results, records } = await load(days);
    expect(loads.map(({ name }) => name)).toEqual([
      'redshift-load/days/2010-12-01..2010-12-03/r/load-1',
    ]);
    for (const [ds, rows] of [[first, 1] as const, [nextDs(first), 2] as const]) {
      expect(results.get(ds)).toMatchObject({ status: 'loaded', rows });
      expect(records.get(ds)?.facts).toMatchObject({
        inputs: [{ run: 'r1' }, { run: 'r1' }],
        audits: expect.arrayContaining(['moves_forward', 'amount_not_inflated']) as string[],
      });
    }
  });

  it('are as many transactions as the setting asks for, with the same number of statements each', async () => {
    const { loads, sets } = await load(daysFrom(first, 70), undefined, { setDays: 32 });
    expect(sets).toEqual([32, 32, 6]);
    expect(new Set(loads.map(({ statements }) => statements.length)).size).toBe(1);
    const single = await load([first]);
    expect(single.loads[0]?.statements).toHaveLength(loads[0]?.statements.length ?? 0);
  });

  it('have the token of their content, whatever the order in which they were asked for', async () => {
    const days = daysFrom(first, 3);
    const tokenOf = async (...given: Parameters<typeof load>) =>
      (await load(...given)).loads.map((one) => token(one, 1)).join();
    const one = await tokenOf(days);
    expect(await tokenOf(days.toReversed())).toBe(one);
    expect(await tokenOf(days.slice(1))).not.toBe(one);
    const require = (dataset: Dataset, ds: Ds) => published(dataset, ds, ds === first ? 2 : 1);
    expect(await tokenOf(days, undefined, { require })).not.toBe(one);
  });
});

describe('a set of which some days fail an audit', () => {
  const days = daysFrom(first, 32);
  const bad = [days[4], days[20]] as string[];

  it('that the audit names: they stand alone, and the others are loaded together', async () => {
    const { failed, results, records, sets } = await load(days, finds(bad));
    expect(failed).toEqual(bad);
    expect(sets).toEqual([32, 30, 1, 1]);
    for (const ds of bad) {
      expect(results.get(parseDs(ds))).toMatchObject({ error: { kind: 'data', exit: 65 } });
      expect(records.get(parseDs(ds))?.facts['audit']).toBe('purchases_conserved');
    }
    expect(records.get(first)?.facts['audit']).toBeUndefined();
  });

  it('that the error does not name: the set is halved until they stand alone', async () => {
    const { failed, sets } = await load(days, finds(bad, false));
    expect(failed).toEqual(bad);
    expect(sets.filter((size) => size === 1)).toHaveLength(4);
    expect(sets.length).toBeLessThanOrEqual(1 + 4 * Math.log2(days.length));
  });

  it('all of them: each fails by itself', async () => {
    const { failed, results, sets } = await load(days, finds(days));
    expect(failed.toSorted()).toEqual(days);
    expect(sets).toHaveLength(1 + days.length);
    expect(results.get(first)).toMatchObject({ error: { kind: 'data' } });
  });
});

describe('a set whose transaction fails otherwise', () => {
  const days = daysFrom(first, 32);
  const given = (kind: 'transient' | 'configuration') => new Failure(kind, 'given up');

  it('because of a file of one day: only that day fails', async () => {
    const { failed } = await load(days, (loaded) =>
      loaded.includes(days[9] ?? '') ? given('transient') : undefined,
    );
    expect(failed).toEqual([days[9]]);
  });

  it('because a file of one day may not be read: only that day fails', async () => {
    const cause = new StatementError(
      'S3 Query Exception: Forbidden, error code: 403',
      statement('load', '031_fill_review_day'),
    );
    const { failed, results } = await load(days, (loaded) =>
      loaded.includes(days[9] ?? '')
        ? new Failure('configuration', 'given up', { cause })
        : undefined,
    );
    expect(failed).toEqual([days[9]]);
    expect(results.get(parseDs(days[9] ?? ''))).toMatchObject({ error: { kind: 'configuration' } });
  });

  it('because the warehouse is out of order: it is tried few times', async () => {
    const { failed, loads, results } = await load(days, () => given('transient'));
    expect(failed.toSorted()).toEqual(days);
    expect(loads).toHaveLength(mostFailures);
    expect(results.get(first)).toMatchObject({ error: { kind: 'transient' } });
  });

  it('because of a setting: it is tried once', async () => {
    const { failed, loads } = await load(days, () => given('configuration'));
    expect(failed).toEqual(days);
    expect(loads).toHaveLength(1);
  });
});

describe('a day of a set', () => {
  const days = daysFrom(first, 3);
  const [, second = first] = days;

  it('that the summary does not have is not reported as loaded', async () => {
    const { failed, results } = await load(days, undefined, { summarised: [first] });
    expect(failed).toEqual(days.slice(1));
    expect(results.get(second)).toMatchObject({ error: { kind: 'bug' } });
  });

  it('whose upstream was published again meanwhile starts over alone', async () => {
    let isLoaded = false;
    const { loads, results } = await load(
      days,
      () => {
        isLoaded = true;
        return undefined;
      },
      { require: (dataset, ds) => published(dataset, ds, isLoaded && ds === second ? 2 : 1) },
    );
    expect(loads.map(({ name }) => name.split('/').slice(-3))).toEqual([
      ['2010-12-01..2010-12-03', 'r', 'load-1'],
      [second, 'r', 'load-2'],
    ]);
    expect(loads[1]?.parameters).toMatchObject({ purchases_generation_1: '2' });
    for (const ds of days) expect(results.get(ds), ds).toMatchObject({ status: 'loaded' });
  });

  it('of which the ledger has a newer load is refused alone', async () => {
    const guard = statement('audit', '010_moves_forward');
    const { failed, results } = await load(days, (loaded) =>
      loaded.includes(second)
        ? new StatementError(`invalid input syntax: "a newer load exists: ${second}"`, guard)
        : undefined,
    );
    expect(failed).toEqual([second]);
    expect(String((results.get(second) as { error: Error }).error)).toContain('later generation');
  });
});

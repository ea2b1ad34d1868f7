import { describe, expect, it, vi } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { type Published, upstreamOf } from '@user-behaviour/shared/manifest/manifest-store';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { DayFacts } from '../facts/day-facts.ts';
import type { LedgerRow } from '../facts/ledger.ts';
import { failureLines, statusOutput, statusTable, verdict } from './status.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const ds = parseDs('2010-12-01');

function published(
  dataset: Dataset,
  run: string,
  rows: number,
  parameters: Readonly<Record<string, number | string>> = {},
  rejected: Readonly<Record<string, number>> = {},
  from?: Published,
): Published {
  const manifest = completeManifest(
    {
      dataset,
      ds,
      run,
      job: { name: 'j', version: '1' },
      parameters,
      upstream: from === undefined ? [] : [upstreamOf(from)],
      files: [{ key: 'k', bytes: 1, rows, sha256: '0'.repeat(64) }],
      rejected,
      startedAt: new Date('2010-12-02T00:15:00Z'),
      finishedAt: new Date(0),
    },
    1,
  );
  return { manifest, etag: '"e"' };
}

const ledger: LedgerRow = {
  purchasesRun: 'p1',
  reviewsRun: 'r1',
  rows: 82,
  amountSpent: '28931.63',
  minQuantity: 2,
  loadedAt: '2026-11-23 10:00:00.123456',
  loadSql: 'aa',
  completeUntil: null,
  whole: true,
};
const staged = published('movie_review/load', 'l1', 10_662);
const purchases = published('user_purchase/stage', 'p1', 1450, { minQuantity: 5 });
const reviews = published('movie_review/stage', 'r1', 10_660, {}, { bad_cid: 2 }, staged);
const strict = published('movie_review/stage', 'r1', 1, { maxRejectedReviews: 0.01 }, {}, staged);
/** The same, read before the day was over. */
const partial = ({ manifest, etag }: Published): Published => ({
  manifest: { ...manifest, completeUntil: '2010-12-01T10:15:00.000Z' },
  etag,
});
const of = (...all: readonly Published[]): DayFacts['published'] =>
  new Map(all.map((one) => [one.manifest.dataset, one]));
const loaded: DayFacts = {
  ds,
  published: of(purchases, staged, reviews),
  ledger,
  damage: new Map(),
  isOver: true,
};
/** The settings of `loaded`. */
const same = { minQuantity: 5 };
const quarantine = { badPurchases: 'quarantine', maxRejectedPurchases: 0.01 };
const withQuarantine: DayFacts = {
  ...loaded,
  published: of(
    published('user_purchase/stage', 'p1', 1450, { ...same, ...quarantine }, { no_price: 1 }),
    staged,
    reviews,
  ),
};
const empty: DayFacts = {
  ds,
  published: of(),
  ledger: undefined,
  damage: new Map(),
  isOver: true,
};

const failure: DayRecord = {
  job: 'redshift-load',
  version: '1',
  ds,
  run: 'bad',
  status: 'failed',
  exit: 65,
  seconds: 1,
  startedAt: '2026-11-24T10:00:00.000Z',
  finishedAt: '2026-11-24T10:00:01.000Z',
  phases: [],
  kind: 'data',
  message: 'audit purchases_conserved failed',
  action: 'see the file',
  audit: 'purchases_conserved',
};

describe('a day that has failed', () => {
  it('is failed whatever was loaded before, unless it is damaged', () => {
    expect(verdict({ ...loaded, failure }, same)).toBe('failed');
    expect(verdict({ ...empty, failure })).toBe('failed');
    const damage: DayFacts['damage'] = new Map([['movie_review/load', 'files are gone']]);
    expect(verdict({ ...loaded, failure, damage }, same)).toBe('damaged');
  });

  it('is named with the job, the code, the audit and the command that shows more', () => {
    const others = { ...failure, message: 'rows are lost' };
    expect(
      failureLines([loaded, ...[failure, others].map((one) => ({ ...loaded, failure: one }))]),
    ).toEqual([
      '2010-12-01: redshift-load failed with 65: audit purchases_conserved failed (make runs DS=2010-12-01)',
      '2010-12-01: redshift-load failed with 65: audit purchases_conserved: rows are lost (make runs DS=2010-12-01)',
    ]);
    const { days } = statusOutput([{ ...loaded, failure }], new Date()).json() as {
      days: Record<string, unknown>[];
    };
    expect(days[0]).toMatchObject({
      state: 'failed',
      failure: { job: 'redshift-load', run: 'bad', exit: 65, audit: 'purchases_conserved' },
    });
  });
});

describe('the verdict on a day', () => {
  it.each<[string, DayFacts]>([
    ['loaded', loaded],
    ['missing', empty],
    ['incomplete', { ...empty, published: of(purchases) }],
    ['incomplete', { ...empty, published: of(staged) }],
    ['incomplete', { ...empty, published: of(staged, reviews) }],
    ['not loaded', { ...empty, published: of(purchases, reviews) }],
    ['stale', { ...loaded, ledger: { ...ledger, purchasesRun: 'p0' } }],
    ['stale', { ...loaded, ledger: { ...ledger, reviewsRun: 'r0' } }],
    ['stale', { ...loaded, published: of(staged, reviews) }],
    ['stale', { ...empty, ledger }],
    ['stale', { ...loaded, published: of(purchases, { ...staged, etag: '"newer"' }, reviews) }],
    ['partial', { ...loaded, published: of(partial(purchases), staged, reviews) }],
    ['partial', { ...loaded, published: of(partial(purchases), staged, reviews), isOver: false }],
    ['loaded', { ...loaded, published: of(purchases, partial(staged), reviews) }],
    [
      'stale',
      { ...loaded, published: of(partial(purchases), { ...staged, etag: '"newer"' }, reviews) },
    ],
    ['damaged', { ...loaded, ledger: { ...ledger, whole: false } }],
    ['damaged', { ...loaded, damage: new Map([['movie_review/stage', 'files are gone']]) }],
  ])('is %s', (expected, day) => {
    expect(verdict(day)).toBe(expected);
    expect(verdict(day, { ...same, loadSql: 'aa' })).toBe(expected);
  });

  it('is other SQL if the release would load it with other SQL, unless it is stale anyway', () => {
    const other = { ...same, loadSql: 'bb' };
    expect(verdict(loaded, other)).toBe('other SQL');
    expect(verdict({ ...loaded, ledger: { ...ledger, reviewsRun: 'r0' } }, other)).toBe('stale');
    expect(verdict({ ...loaded, ledger: { ...ledger, loadSql: null } }, other)).toBe('loaded');
    expect(statusOutput([loaded], new Date(0), () => other).json()).toMatchObject({
      days: [{ state: 'other SQL', load: { loadSql: 'aa' } }],
    });
  });

  it.each<[string, Readonly<Record<string, number | string>>, DayFacts]>([
    ['loaded', same, loaded],
    ['loaded', { ...same, unknown: 1 }, loaded],
    ['stale', { minQuantity: 2 }, loaded],
    ['stale', { ...same, format: 'csv' }, loaded],
    ['loaded', { ...same, ...quarantine }, loaded],
    ['stale', same, withQuarantine],
    ['stale', { ...same, ...quarantine, maxRejectedPurchases: 0.5 }, withQuarantine],
    ['loaded', { ...same, ...quarantine }, withQuarantine],
    [
      'stale',
      { ...same, maxRejectedReviews: 0.1 },
      { ...loaded, published: of(purchases, staged, strict) },
    ],
    [
      'loaded',
      { ...same, maxRejectedReviews: 0.01 },
      { ...loaded, published: of(purchases, staged, strict) },
    ],
    ['not loaded', { minQuantity: 2 }, { ...empty, published: of(purchases, reviews) }],
    ['damaged', { minQuantity: 2 }, { ...loaded, ledger: { ...ledger, whole: false } }],
  ])('with other settings is %s: %j', (expected, settings, day) => {
    expect(verdict(day, settings)).toBe(expected);
    const output = statusOutput([day], new Date(0), () => settings);
    expect(output.json()).toMatchObject({ days: [{ state: expected }] });
    expect(output.text(undefined)).toContain(expected);
  });
});

describe('the table of the days', () => {
  const cells = (day: DayFacts, now: string) =>
    statusTable([day], new Date(now)).split('\n')[2]?.trim().split(/ {2,}/);

  it('tells what was staged, cleaned and loaded', () => {
    expect(cells(loaded, '2026-11-23T12:30:00Z')).toEqual([
      '2010-12-01',
      'loaded',
      '1450',
      '5',
      '10662',
      '10660',
      '2',
      '82',
      '28931.63',
      '2 h',
    ]);
  });

  it.each([
    ['2026-11-23T10:00:30Z', '0 min'],
    ['2026-11-23T09:59:00Z', '0 min'],
    ['2026-11-23T10:59:59Z', '59 min'],
    ['2026-11-23T11:00:01Z', '60 min'],
    ['2026-11-23T12:00:01Z', '2 h'],
    ['2026-11-25T09:59:59Z', '47 h'],
    ['2026-11-25T10:00:01Z', '2 d'],
  ])('at %s says that the load is %s old', (now, age) => {
    expect(cells(loaded, now)?.at(-1)).toBe(age);
  });

  it('leaves empty what there is not', () => {
    expect(cells(empty, '2026-11-23T12:30:00Z')).toEqual(['2010-12-01', 'missing']);
  });

  it('fits a terminal of 100 columns', () => {
    const lines = statusTable([loaded], new Date(0), { width: 100 }).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('the document of the days', () => {
  it('has what is published of each dataset, and the load with its time in UTC', () => {
    expect(statusOutput([loaded], new Date(0)).json()).toMatchObject({
      days: [
        {
          ds: '2010-12-01',
          state: 'loaded',
          published: {
            'user_purchase/stage': { run: 'p1', rows: 1450, parameters: { minQuantity: 5 } },
            'movie_review/stage': { run: 'r1', rows: 10_660, rejected: 2 },
          },
          damage: {},
          load: { rows: 82, amountSpent: 28931.63, loadedAt: '2026-11-23T10:00:00.123Z' },
        },
      ],
    });
  });

  it('says until when a partial day is complete', () => {
    const day = { ...loaded, published: of(partial(purchases), staged, reviews) };
    expect(statusOutput([day, loaded], new Date(0)).json()).toMatchObject({
      days: [
        {
          state: 'partial',
          published: { 'user_purchase/stage': { completeUntil: '2010-12-01T10:15:00.000Z' } },
        },
        { published: { 'user_purchase/stage': { completeUntil: null } } },
      ],
    });
  });

  it('has null for what there is not', () => {
    expect(statusOutput([empty], new Date(0)).json()).toMatchObject({
      days: [{ published: { 'user_purchase/stage': null, 'movie_review/load': null }, load: null }],
    });
  });
});

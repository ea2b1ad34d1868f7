import { parseDs } from '@user-behaviour/shared/ds';
import type { FailureKindName } from '@user-behaviour/shared/failure';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { describe, expect, it } from 'vitest';
import type { DayFacts } from './day-facts.ts';
import { failureOf } from './failure-of-day.ts';

const ds = parseDs('2010-12-01');
const at = (minute: number) => new Date(Date.UTC(2010, 11, 2, 0, minute)).toISOString();

const record = (job: string, minute: number, kind?: FailureKindName): DayRecord => ({
  job,
  version: '1',
  ds,
  run: `r${String(minute)}`,
  status: kind === undefined ? 'published' : 'failed',
  exit: kind === undefined ? 0 : 65,
  seconds: 1,
  startedAt: at(minute - 1),
  finishedAt: at(minute),
  phases: [],
  ...(kind !== undefined && { kind, message: 'm', action: 'a' }),
});

const nothing: Pick<DayFacts, 'published' | 'ledger'> = { published: new Map(), ledger: undefined };

function extracted(minute: number): typeof nothing {
  const dataset = 'user_purchase/stage';
  const manifest = completeManifest(
    {
      ...{ dataset, ds, run: 'r', job: { name: 'j', version: '1' }, parameters: {}, upstream: [] },
      files: [],
      startedAt: new Date(0),
      finishedAt: new Date(at(minute)),
    },
    1,
  );
  return { ...nothing, published: new Map([[dataset, { manifest, etag: '"e"' }]]) };
}

const loaded = (loadedAt: string): typeof nothing => ({
  ...nothing,
  ledger: {
    ...{ purchasesRun: 'p', reviewsRun: 'r', rows: 1, amountSpent: '1', minQuantity: 2 },
    ...{ loadedAt, loadSql: null, completeUntil: null, whole: true },
  },
});

describe('a day', () => {
  it.each<FailureKindName>(['data', 'bug', 'configuration'])(
    'has failed with %s until a newer run of the job ends well',
    (kind) => {
      const failed = record('extract-purchases', 5, kind);
      expect(failureOf(nothing, [failed])).toBe(failed);
      expect(failureOf(nothing, [failed, record('extract-purchases', 6)])).toBeUndefined();
      expect(failureOf(nothing, [record('extract-purchases', 4), failed])).toBe(failed);
    },
  );

  it.each<FailureKindName>(['transient', 'not-ready', 'interrupted', 'usage'])(
    'has not failed with %s: the scheduler tries again, or somebody mistyped',
    (kind) => {
      expect(failureOf(nothing, [record('extract-purchases', 5, kind)])).toBeUndefined();
    },
  );

  it('has failed although an earlier run is published', () => {
    const failed = record('extract-purchases', 5, 'data');
    expect(failureOf(extracted(4), [failed])).toBe(failed);
    // Two runs at once: the other one published later, and its record was lost.
    expect(failureOf(extracted(6), [failed])).toBeUndefined();
  });

  it('has failed to load until the ledger says otherwise, by the clock of the warehouse', () => {
    const failed = record('redshift-load', 5, 'data');
    expect(failureOf(loaded('2010-12-02 00:04:00.5'), [failed])).toBe(failed);
    expect(failureOf(loaded('2010-12-02 00:06:00'), [failed])).toBeUndefined();
  });

  it('names the failure of the earliest stage', () => {
    const load = record('redshift-load', 5, 'data');
    const extract = record('extract-purchases', 6, 'data');
    expect(failureOf(nothing, [load, extract])).toBe(extract);
    expect(failureOf(nothing, [load, record('extract-purchases', 6)])).toBe(load);
  });
});

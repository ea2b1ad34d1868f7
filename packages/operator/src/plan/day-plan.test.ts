import { describe, expect, it, vi } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { completeManifest, type Manifest } from '@user-behaviour/shared/manifest/manifest';
import { type Published, upstreamOf } from '@user-behaviour/shared/manifest/manifest-store';
import type { DayFacts } from '../facts/day-facts.ts';
import { forced, isDue, planDay, type Settings } from './day-plan.ts';
import { planTable, planTotals } from './plan-table.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const ds = parseDs('2010-12-01');
const script = 'scripts/ab/random_text_classification.py';
const settings = {
  'extract-purchases': { minQuantity: 2 },
  'stage-reviews': { script },
  'emr-clean': { maxRejectedReviews: 0.01 },
  'redshift-load': { loadSql: 'aa' },
} as unknown as Settings;

function published(
  dataset: Dataset,
  run: string,
  parameters: Manifest['parameters'],
  from?: Published,
): Published {
  const draft = {
    dataset,
    ds,
    run,
    job: { name: 'j', version: '1' },
    parameters,
    upstream: from === undefined ? [] : [upstreamOf(from)],
    files: [],
    startedAt: new Date('2010-12-02T00:15:00Z'),
    finishedAt: new Date(0),
  };
  return { manifest: completeManifest(draft, 1), etag: `"${run}"` };
}

const quarantine = { minQuantity: 2, badPurchases: 'quarantine' };
const load = published('movie_review/load', 'l1', { script });
const done: DayFacts = {
  ds,
  published: new Map([
    ['user_purchase/stage', published('user_purchase/stage', 'p1', { minQuantity: 2 })],
    ['movie_review/load', load],
    [
      'movie_review/stage',
      published('movie_review/stage', 'r1', { script, maxRejectedReviews: 0.01 }, load),
    ],
  ]),
  ledger: {
    purchasesRun: 'p1',
    reviewsRun: 'r1',
    rows: 1,
    amountSpent: '1.00',
    minQuantity: 2,
    loadedAt: '2026-11-23 10:00:00',
    loadSql: 'aa',
    completeUntil: null,
    whole: true,
  },
  damage: new Map(),
  isOver: true,
};
const empty: DayFacts = {
  ds,
  published: new Map(),
  ledger: undefined,
  damage: new Map(),
  isOver: true,
};
const ledger = done.ledger;
if (ledger === undefined) throw new Error('the ledger is there');

/** The purchases were read before the day was over. */
const partial: DayFacts['published'] = new Map(
  [...done.published].map(([dataset, { manifest, etag }]) => [
    dataset,
    { manifest: { ...manifest, completeUntil: '2010-12-01T10:15:00.000Z' }, etag },
  ]),
);

/** What is published, with another publication of the staged reviews or none. */
function withLoad(other: Published | undefined): DayFacts['published'] {
  const changed = new Map(done.published);
  if (other === undefined) changed.delete('movie_review/load');
  else changed.set('movie_review/load', other);
  return changed;
}

/** The same purchases, made under quarantine with one that was rejected. */
const { manifest: limited, etag } = published('user_purchase/stage', 'p1', quarantine);
const rejecting = new Map(done.published).set('user_purchase/stage', {
  manifest: { ...limited, rejected: { nan: 1 } },
  etag,
});

/** The cells of the plan's line, without the day. */
const cells = (facts: DayFacts, now: Settings = settings): string[] =>
  planTable([planDay(facts, now)])
    .split('\n')[2]
    ?.split(/ {2,}/)
    .slice(1) ?? [];

const check = 'check';
const rest = 'nothing, unless changed';

describe('the plan of a day', () => {
  it.each<[string, DayFacts, Settings, string[]]>([
    [
      'that has nothing',
      empty,
      settings,
      ['extract: missing', 'stage: missing', 'clean: missing', 'load: missing'],
    ],
    ['that is loaded', done, settings, [check, check, rest, rest]],
    [
      'of another quantity',
      done,
      { ...settings, 'extract-purchases': { minQuantity: 5 } },
      ['extract: parameters changed: minQuantity 2 → 5', check, rest, 'load: new upstream'],
    ],
    [
      'without rejected purchases under quarantine',
      done,
      { ...settings, 'extract-purchases': quarantine },
      [check, check, rest, rest],
    ],
    [
      'with rejected purchases, which are refused now',
      { ...done, published: rejecting },
      settings,
      [
        'extract: parameters changed: badPurchases quarantine → unset',
        check,
        rest,
        'load: new upstream',
      ],
    ],
    [
      'of another script',
      done,
      { ...settings, 'stage-reviews': { script: 'scripts/cd/x.py' } },
      [check, 'stage: script changed', 'clean: new upstream', 'load: new upstream'],
    ],
    [
      'of another limit',
      done,
      { ...settings, 'emr-clean': { maxRejectedReviews: 0.5 } },
      [
        check,
        check,
        'clean: parameters changed: maxRejectedReviews 0.01 → 0.5',
        'load: new upstream',
      ],
    ],
    [
      'whose reviews were staged again',
      { ...done, published: withLoad({ ...load, etag: '"l2"' }) },
      settings,
      [check, check, 'clean: upstream changed', 'load: new upstream'],
    ],
    [
      'whose purchases were extracted again',
      { ...done, ledger: { ...ledger, purchasesRun: 'p0' } },
      settings,
      [check, check, rest, 'load: upstream changed'],
    ],
    [
      'that was loaded with other SQL',
      { ...done, ledger: { ...ledger, loadSql: 'bb' } },
      settings,
      [check, check, rest, 'load: other SQL'],
    ],
    [
      'that was loaded with SQL that the ledger does not know',
      { ...done, ledger: { ...ledger, loadSql: null } },
      settings,
      [check, check, rest, rest],
    ],
    [
      'whose slice was changed by hand',
      { ...done, ledger: { ...ledger, whole: false } },
      settings,
      [check, check, rest, 'load: damaged: the metric differs from its ledger'],
    ],
    [
      'that was not over',
      { ...done, published: partial },
      settings,
      ['extract: partial day', check, rest, 'load: new upstream'],
    ],
    [
      'that is not over yet',
      { ...done, published: partial, isOver: false },
      settings,
      [check, check, rest, rest],
    ],
    [
      'that has changed at the source',
      { ...done, atSource: 'changed' },
      settings,
      ['extract: changed at the source', check, rest, 'load: new upstream'],
    ],
    [
      'that is the same at the source',
      { ...done, atSource: 'same' },
      settings,
      ['nothing, the same at the source', check, rest, rest],
    ],
    [
      'of other parameters and the same at the source',
      { ...done, atSource: 'same' },
      { ...settings, 'extract-purchases': { minQuantity: 5 } },
      ['extract: parameters changed: minQuantity 2 → 5', check, rest, 'load: new upstream'],
    ],
    [
      'that a look could not compare',
      { ...done, atSource: 'unknown' },
      settings,
      [check, check, rest, rest],
    ],
    [
      'whose files are gone',
      { ...done, damage: new Map([['movie_review/stage', 'files are gone']]) },
      settings,
      [check, check, 'clean: damaged: files are gone', 'load: new upstream'],
    ],
    [
      'with an unreadable manifest',
      {
        ...done,
        published: withLoad(undefined),
        damage: new Map([['movie_review/load', 'unreadable manifest']]),
      },
      settings,
      [check, 'FAIL: unreadable manifest', 'FAIL: no reviews', 'FAIL: no cleaned reviews'],
    ],
  ])('%s', (_, facts, now, expected) => {
    expect(cells(facts, now)).toEqual(expected);
    expect(isDue(planDay(facts, now))).toBe(
      !expected.every((cell) => [check, rest, 'nothing, the same at the source'].includes(cell)),
    );
  });

  it('is to do everything again with --force, except what will fail', () => {
    expect(Object.values(forced(planDay(done, settings)).steps)).toEqual(
      Array.from({ length: 4 }, () => ({ action: 'run', why: 'forced' })),
    );
    const broken: DayFacts = {
      ...done,
      published: withLoad(undefined),
      damage: new Map([['movie_review/load', 'unreadable manifest']]),
    };
    expect(planTable([forced(planDay(broken, settings))])).toMatch(
      /extract: forced +FAIL: unreadable/,
    );
  });

  it('is counted', () => {
    const plans = [planDay(empty, settings), planDay(done, settings)];
    expect(planTotals(plans)).toBe(
      '2 days: extract 1, 1 if changed; stage 1, 1 if changed; clean 1, 1 if changed; load 1, 1 if changed',
    );
  });
});

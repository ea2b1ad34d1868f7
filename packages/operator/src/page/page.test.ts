import { parseDs } from '@user-behaviour/shared/ds';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { describe, expect, it } from 'vitest';
import { generatedHistory } from '../../test/generated-history.ts';
import { shownDays } from './calendar.ts';
import type { PageFacts } from './page-facts.ts';
import { drawPage } from './page.ts';
import { bytes, plural } from './words.ts';

const year = generatedHistory(374);
const page = drawPage(year);
const words = (text: string) =>
  text.replaceAll(/<style>.*<\/style>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');

describe('the page', () => {
  it('has the same bytes for the same facts', () => {
    expect(drawPage(generatedHistory(374))).toBe(page);
    expect(drawPage({ ...year, asOf: new Date(year.asOf.getTime() + 60_000) })).not.toBe(page);
  });

  it('stays below 300 KB for 374 days, and below 1.5 MB for ten years', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
    expect(Buffer.byteLength(drawPage(generatedHistory(3_740)))).toBeLessThan(1_500_000);
  });

  it('has no script, and nothing that the browser would ask for', () => {
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|\sstyle=|url\(|@import/i);
    expect(
      [...page.matchAll(/\b(?:href|src|action)="([^"]*)"/g)].filter(
        ([, to = '']) => !to.startsWith('#'),
      ),
    ).toEqual([]);
  });

  it('links each day of the calendar to its facts', () => {
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id = '']) => id);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
    expect(new Set(links)).toEqual(new Set(shownDays(year.days).map(({ ds }) => `d${ds}`)));
  });

  it('names the job and the audit that have failed, with the action', () => {
    const [record] = year.records;
    const [day] = year.days;
    if (record === undefined || day === undefined) throw new Error('none');
    const failure = {
      ...record,
      ds: day.ds,
      job: 'redshift-load',
      audit: 'purchases_conserved',
      message: 'rows are lost',
      action: 'see the runbook',
    };
    const failed = drawPage({ ...year, days: [{ ...day, state: 'failed', failure }] });
    expect(failed).toMatch(
      /redshift-load: audit purchases_conserved: rows are lost[^]*see the runbook/,
    );
  });

  it('marks a partial day', () => {
    const [day] = year.days;
    if (day === undefined) throw new Error('none');
    const partial = drawPage({ ...year, days: [{ ...day, state: 'partial' }] });
    expect(partial).toMatch(/½[^]*partial/);
    expect(page).not.toContain('½ partial');
  });

  it('escapes what others wrote', () => {
    const hostile = '<script>alert(1)</script>"\'&';
    const [record] = year.records;
    const [finding] = year.findings;
    const [day] = year.days;
    if (record === undefined || finding === undefined || day === undefined) throw new Error('none');
    const attacked = drawPage({
      ...year,
      where: hostile,
      days: [{ ...day, state: hostile, failure: { ...record, message: hostile, action: hostile } }],
      records: [
        {
          ...record,
          run: hostile,
          status: 'failed',
          message: hostile,
          action: hostile,
          phases: [{ name: hostile, startedAt: record.startedAt, seconds: 1 }],
        },
      ],
      findings: [{ ...finding, finding: hostile, message: hostile, action: hostile }],
      spenders: [{ customer: hostile, days: 1, amount: 1, positive: 1, reviews: 1 }],
    });
    expect(attacked).not.toMatch(/<script/i);
    expect(
      attacked.split('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;').length,
    ).toBeGreaterThan(8);
    expect(attacked).not.toContain('alert(1)</script>');
  });

  it('names customers only if it was asked to', () => {
    expect(page).not.toContain('customers: keep it where');
    const spenders = [{ customer: '17850', days: 3, amount: 99.5, positive: 2, reviews: 4 }];
    expect(words(drawPage({ ...year, spenders }))).toContain('17850 3 99.50 4 50%');
  });
});

describe('whether the last day is in', () => {
  const last = year.days.at(-1);
  const at = (state: string, hour: number, loadedAt?: string): string => {
    if (last === undefined) throw new Error('no day');
    const days = [...year.days.slice(0, -1), { ...last, state, loadedAt }];
    const asOf = new Date(Date.parse('2011-12-10T00:00:00Z') + hour * 3_600_000);
    return words(drawPage({ ...year, days, asOf }));
  };

  it('is said with its delay', () => {
    const loaded = at('loaded', 7, '2011-12-10T00:41:00Z');
    expect(loaded).toContain(
      '2011-12-09 is in ✓ loaded Loaded at 2011-12-10 00:41 UTC, 41 min after the end of the day .'.replace(
        ' .',
        '.',
      ),
    );
    expect(at('loaded', 9, '2011-12-10T08:30:00Z')).toContain(
      '8 h 30 min after the end of the day, 2 h 30 min after it was due at 2011-12-10 06:00.',
    );
  });

  it('is said before and after it is due', () => {
    expect(at('not loaded', 5)).toContain(
      '2011-12-09 is not in ○ not loaded It is due at 2011-12-10 06:00 UTC, in 1 h 0 min.',
    );
    expect(at('not loaded', 8)).toContain('It was due at 2011-12-10 06:00 UTC: 2 h 0 min late.');
  });

  it('is not asked of a pipeline that has not run', () => {
    const empty: PageFacts = { ...year, days: [], bins: [], records: [], findings: [] };
    expect(words(drawPage(empty))).toContain('Nothing has been run yet');
    const [day] = year.days;
    if (day === undefined) throw new Error('no day');
    const missing = {
      ds: parseDs('2010-12-01'),
      state: 'missing',
      published: new Map(),
      loadedAt: undefined,
      metric: undefined,
      counts: undefined,
      failure: undefined,
    };
    expect(words(drawPage({ ...empty, days: [missing] }))).toContain('2010-12-01 is not in');
  });
});

describe('what is not known', () => {
  it('is said of rows that were not counted', () => {
    const days = year.days.map((day) => ({ ...day, counts: undefined }));
    expect(words(drawPage({ ...year, days }))).toContain(
      'Where purchases go Not known: no loaded day has all of its rows counted.',
    );
    const some = year.days.map((day, index) => (index < 10 ? { ...day, counts: undefined } : day));
    expect(words(drawPage({ ...year, days: some }))).toMatch(/Not counted on \d+ loaded days\./);
  });

  it('is said of runs without a record', () => {
    expect(words(drawPage({ ...year, records: [] }))).toContain(
      'Where time and money go Not known: there is no record of a run.',
    );
  });
});

describe('what AWS charges for', () => {
  const charged = (facts: PageFacts) =>
    /What AWS charges for part on record charged by (.*?) The records do not/.exec(
      words(drawPage(facts)),
    )?.[1];

  it('is counted once, however many days and processes share it', () => {
    const [record] = year.records;
    const [first, second] = year.days;
    if (record === undefined || first === undefined || second === undefined) {
      throw new Error('no facts');
    }
    const step = (stepId: string | undefined, spent: number) => ({
      name: 'spark',
      startedAt: record.startedAt,
      seconds: spent,
      facts: { stepId },
    });
    const withParts = (ds: string, phases: DayRecord['phases'], statements: unknown) => ({
      ...record,
      ds,
      phases,
      statements,
    });
    const records = [
      withParts('2010-12-01', [step('s-1', 60), step('s-2', 30)], [{ id: 'a', seconds: 4 }]),
      // Of the same batch, and of another process that waited for the rest of a step.
      withParts('2010-12-02', [step('s-1', 60), step('s-2', 12)], [{ id: 'a', seconds: 4 }]),
      withParts('2010-12-03', [step(undefined, 99)], [{ id: 'b' }, { id: 'c', seconds: 1.5 }]),
      withParts('2010-12-04', [], 'not a list'),
    ];
    const days = [first, second];
    const stored = days.flatMap(({ published }) => [...published.values()]);
    const total = stored.reduce((sum, one) => sum + one.bytes, 0);
    expect(charged({ ...year, days, records })).toBe(
      [
        'EMR 2 min of 2 steps the hours of its instances',
        'Redshift 5.5 s of 3 statements the RPU-seconds of a workgroup, or the hours of a cluster',
        `S3 ${bytes(total)} of ${plural(stored.length, 'published result')} the bytes stored, and requests`,
      ].join(' '),
    );
  });
});

describe('rows', () => {
  it('are conserved from the source to the metric', () => {
    const loaded = year.days.flatMap(({ counts }) => counts ?? []);
    const sum = (of: (one: (typeof loaded)[number]) => number | undefined) =>
      loaded.reduce((total, one) => total + (of(one) ?? 0), 0).toLocaleString('en-GB');
    const text = words(page);
    for (const [title, value] of [
      [
        'read from the source',
        sum(
          (one) =>
            one.purchaseRows + (one.purchasesBelowQuantity ?? 0) + (one.purchasesRejected ?? 0),
        ),
      ],
      ['published', sum((one) => one.purchaseRows)],
      ['below the quantity limit', sum((one) => one.purchasesBelowQuantity)],
      ['of customers without reviews', sum((one) => one.purchasesWithoutReviews)],
      ['without customer', sum((one) => one.purchasesWithoutCustomer)],
      ['cleaned', sum((one) => one.reviewRows)],
      ['of customers without purchases', sum((one) => one.reviewsWithoutPurchases)],
    ] as const) {
      expect(text).toContain(`${title} ${value} `);
    }
  });
});

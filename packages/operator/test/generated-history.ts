/** A history as the pipeline would leave it, from a fixed seed: for drawings and their sizes. */
import { daysFrom, type Ds, endOfDay, parseDs } from '@user-behaviour/shared/ds';
import { jobs } from '@user-behaviour/shared/pipeline';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { PageDay, PageFacts, SpendBin } from '../src/page/page-facts.ts';

/** mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Later in the year, more is bought; on Saturdays nothing. */
function generatedDay(ds: Ds, random: () => number, isLast: boolean): PageDay {
  const date = new Date(`${ds}T00:00:00Z`);
  const weekday = date.getUTCDay();
  const season = 1 + 0.5 * Math.sin(((date.getUTCMonth() - 6) / 12) * 2 * Math.PI);
  const busy = weekday === 6 ? 0 : weekday === 0 ? 0.6 : 1;
  const source = Math.round(1_700 * busy * season * (0.7 + 0.6 * random()));
  const purchases = Math.round(source * (0.5 + 0.1 * random()));
  const reviewLines = Math.round(310 * (0.8 + 0.4 * random()));
  const rejected = Math.round(reviewLines * 0.01 * random() * 2);
  const reviews = reviewLines - rejected;
  const customers = Math.round(Math.min(purchases / 8, 60) * (0.8 + 0.4 * random()));
  const inMetric = Math.round(purchases * (0.42 + 0.1 * random()));
  const withoutCustomer = Math.round(purchases * 0.08 * (0.5 + random()));
  const reviewsInMetric = customers === 0 ? 0 : Math.round(reviews * 0.34 * (0.8 + 0.4 * random()));
  const finished = new Date(endOfDay(ds).getTime() + 60_000 * (14 + 20 * random()));
  const stamp = finished.toISOString();
  const run = `${stamp.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${Math.floor(random() * 2 ** 24)
    .toString(16)
    .padStart(6, '0')}`;
  const publication = (rows: number, bytes: number, some = 0) => ({
    run,
    rows,
    rejected: some,
    bytes: Math.round(bytes),
    finishedAt: stamp,
  });
  const oddity = random();
  const state =
    isLast || oddity > 0.02
      ? 'loaded'
      : oddity > 0.012
        ? 'stale'
        : oddity > 0.005
          ? 'not loaded'
          : 'damaged';
  const isLoaded = state !== 'not loaded';
  return {
    ds,
    state,
    published: new Map([
      ['user_purchase/stage', publication(purchases, purchases * 78)],
      ['movie_review/load', publication(reviewLines, reviewLines * 640)],
      ['movie_review/stage', publication(reviews, reviews * 11, rejected)],
    ]),
    loadedAt: isLoaded ? new Date(finished.getTime() + 90_000).toISOString() : undefined,
    metric: isLoaded
      ? {
          customers,
          amount: Math.round(inMetric * 2_100 * (0.8 + 0.4 * random())) / 100,
          positive: Math.round(reviewsInMetric * (0.48 + 0.1 * random())),
          reviews: reviewsInMetric,
        }
      : undefined,
    counts: isLoaded
      ? {
          purchasesBelowQuantity: source - purchases,
          purchasesRejected: 0,
          purchaseRows: purchases,
          purchasesWithoutCustomer: withoutCustomer,
          purchasesWithoutReviews: purchases - inMetric - withoutCustomer,
          purchasesInMetric: inMetric,
          reviewsRejected: rejected,
          reviewRows: reviews,
          reviewsWithoutPurchases: reviews - reviewsInMetric,
          reviewsInMetric,
        }
      : undefined,
    failure: undefined,
  };
}

const phases: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'extract-purchases': { source: 0.03, copy: 0.16, upload: 0.05, publish: 0.03 },
  'stage-reviews': { source: 0.05, stage: 0.09, publish: 0.03 },
  'emr-clean': { input: 0.1, 'to-hdfs': 11, spark: 48, 'from-hdfs': 9, publish: 0.2 },
  'redshift-load': { upstream: 0.1, partitions: 1.2, submit: 0.3, wait: 7.5 },
};

function generatedRecord(job: string, { ds, published }: PageDay, random: () => number): DayRecord {
  const run = published.get('user_purchase/stage')?.run ?? '';
  const started = endOfDay(ds).getTime() + 60_000 * (14 + 5 * random());
  const parts = Object.entries(phases[job] ?? {}).map(([name, usual]) => ({
    name,
    startedAt: new Date(started).toISOString(),
    seconds: Math.round(usual * (0.7 + 0.6 * random()) * 1_000) / 1_000,
    ...(/hdfs|spark/.test(name) && { facts: { stepId: `s-${ds}-${name}` } }),
  }));
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  return {
    job,
    version: '0.1.0',
    ds,
    run,
    status: job === 'redshift-load' ? 'loaded' : 'published',
    exit: 0,
    seconds,
    startedAt: new Date(started).toISOString(),
    finishedAt: new Date(started + seconds * 1_000).toISOString(),
    phases: parts,
    ...(job === 'redshift-load' && {
      statements: [{ name: 'load', id: `load-${ds}`, seconds: Math.round(seconds * 700) / 1_000 }],
    }),
  };
}

function failed(day: PageDay, random: () => number): PageDay {
  const failure: DayRecord = {
    ...generatedRecord('redshift-load', day, random),
    status: 'failed',
    exit: 65,
    kind: 'data',
    audit: 'reviews_conserved',
    message: 'audit reviews_conserved failed: 312 reviews are published, 311 were loaded',
    action: `compare the files with the manifest: make show DS=${day.ds}`,
  };
  const none = { loadedAt: undefined, metric: undefined, counts: undefined };
  return { ...day, ...none, state: 'failed', failure };
}

function generatedBins(random: () => number): SpendBin[] {
  return [1, 2, 3, 4, 5, 10].flatMap((reviews, column) =>
    [0, 10, 30, 100, 300, 1_000, 3_000].flatMap((spend, row) => {
      const customers = Math.round(
        4_200 *
          Math.exp(-0.55 * column) *
          Math.exp(-(((row - 3.4) / 1.4) ** 2)) *
          (0.7 + 0.6 * random()),
      );
      if (customers === 0) return [];
      const reviewRows = customers * (reviews + (reviews === 5 ? 1 : 0));
      const amount = customers * (spend === 0 ? 6 : spend * 1.7);
      return [
        { reviews, spend, customers, amount, reviewRows, positive: Math.round(reviewRows * 0.52) },
      ];
    }),
  );
}

/** From 2010-12-01; the last day is in, unless another state is given for it. */
export function generatedHistory(length: number, seed = 17): PageFacts {
  const random = randomNumbers(seed);
  const start = parseDs('2010-12-01');
  const end = new Date(Date.parse(start) + (length - 1) * 86_400_000).toISOString().slice(0, 10);
  const days = daysFrom(start, parseDs(end)).map((ds) => generatedDay(ds, random, ds === end));
  const failedDay = days.at(-11);
  if (failedDay !== undefined) days[days.length - 11] = failed(failedDay, random);
  const records = days
    .slice(-30)
    .flatMap((day) =>
      jobs.map((job) =>
        day.failure?.job === job ? day.failure : generatedRecord(job, day, random),
      ),
    );
  const odd = days.slice(-60).filter(({ state }) => state !== 'loaded');
  return {
    asOf: new Date(endOfDay(parseDs(end)).getTime() + 7.2 * 3_600_000),
    where: 's3://user-behaviour-pipeline',
    due: 6 * 3_600_000,
    days,
    bins: generatedBins(random),
    records,
    findings: [
      ...odd.map(({ ds, state }) => ({
        finding: state === 'not loaded' ? 'gap' : state,
        ds,
        level: 'error' as const,
        message: `${ds} is ${state}`,
        action: `make backfill FROM=${ds} TO=${ds}`,
      })),
      {
        finding: 'volume',
        ds: parseDs('2011-11-06'),
        level: 'warning',
        message:
          '2011-11-06 has 1,872 purchase rows; the Sundays of the eight weeks before lead to expect 690',
        action: 'compare the day with the source: make show DS=2011-11-06',
      },
    ],
    spenders: undefined,
  };
}

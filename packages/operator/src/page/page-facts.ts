/** What the page shows, as values: the page is a function of them alone. */
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import type { Due } from '../health/day-findings.ts';
import type { Finding } from '../health/finding.ts';
import type { Ds } from '@user-behaviour/shared/ds';

/** The run of a dataset that is published. */
export interface Publication {
  readonly run: string;
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
}

/** The day's rows of the metric, added up by the warehouse. */
export interface MetricDay {
  readonly customers: number;
  readonly amount: number;
  readonly positive: number;
  readonly reviews: number;
}

/** What became of the day's rows; public.user_behavior_metric_day. */
export interface DayCounts {
  readonly purchasesBelowQuantity: number | undefined;
  readonly purchasesRejected: number | undefined;
  readonly purchaseRows: number;
  readonly purchasesWithoutCustomer: number;
  readonly purchasesWithoutReviews: number;
  readonly purchasesInMetric: number;
  readonly reviewsRejected: number | undefined;
  readonly reviewRows: number;
  readonly reviewsWithoutPurchases: number;
  readonly reviewsInMetric: number;
}

export interface PageDay {
  readonly ds: Ds;
  /** As `status` says it. */
  readonly state: string;
  readonly published: ReadonlyMap<Dataset, Publication>;
  /** ISO 8601, UTC; undefined for a day that is not loaded. */
  readonly loadedAt: string | undefined;
  readonly metric: MetricDay | undefined;
  /** Undefined for a day that was loaded before they were counted. */
  readonly counts: DayCounts | undefined;
  /** The run that failed, if nothing has mended the day since. */
  readonly failure: DayRecord | undefined;
}

/** Customers and days whose reviews and spend fall between these bounds and the next ones. */
export interface SpendBin {
  readonly reviews: number;
  readonly spend: number;
  readonly customers: number;
  readonly amount: number;
  readonly positive: number;
  readonly reviewRows: number;
}

export interface Spender {
  readonly customer: string;
  readonly days: number;
  readonly amount: number;
  readonly positive: number;
  readonly reviews: number;
}

export interface PageFacts {
  /** The clock. */
  readonly asOf: Date;
  /** Where the data is, e.g. `s3://bucket`. */
  readonly where: string;
  /** When a day must be loaded. */
  readonly due: Due;
  /** From the first day of history to the last one that can be loaded now, without gaps. */
  readonly days: readonly PageDay[];
  readonly bins: readonly SpendBin[];
  /** Of the last runs, oldest first. */
  readonly records: readonly DayRecord[];
  readonly findings: readonly Finding[];
  /** Undefined unless the page may name customers. */
  readonly spenders: readonly Spender[] | undefined;
}

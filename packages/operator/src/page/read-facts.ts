/** Reads what the page shows: bucket, ledger, warehouse and the records of the runs. */
import { s3Uri } from '@user-behaviour/shared/keys';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { captureMaxAge, historyOf, operatorConfiguration } from '../config.ts';
import { type DayFacts, readDays } from '../facts/day-facts.ts';
import { loadTime } from '../facts/ledger.ts';
import { recordsIfReadable } from '../facts/run-records.ts';
import { captureFindings } from '../health/capture-findings.ts';
import { dayFindings, type Due } from '../health/day-findings.ts';
import { qualityFindings } from '../health/quality-rules.ts';
import { readCapturedChanges } from '../plan/captured-changes.ts';
import { readDaySettings } from '../plan/day-settings.ts';
import { loadParametersFor } from '../plan/loaded-sql.ts';
import { verdict } from '../plan/status.ts';
import type { Shell } from '../shell.ts';
import type { PageDay, PageFacts } from './page-facts.ts';
import { readFigures, type WarehouseFigures } from './warehouse-figures.ts';

export interface Question {
  /** Which day is the last of history, and how late it is, depend on it. */
  readonly asOf: Date;
  readonly due: Due;
  /** Whether customers may be named. */
  readonly customers: boolean;
}

/** @throws Failure if the bucket, the warehouse or the settings cannot be read. */
export async function readPageFacts(
  { asOf, due, customers }: Question,
  shell: Pick<Shell, 'env' | 'report' | 'stopSignal'>,
): Promise<PageFacts> {
  const configuration = operatorConfiguration(shell.env);
  const { start: from, end: to } = historyOf(shell.env, asOf);
  const bounds = { from, to };
  let records: readonly DayRecord[] = [];
  const readRecords = async (where: Bucket) =>
    (records = await recordsIfReadable(where, bounds, shell.report));
  const maxAge = captureMaxAge(shell.env);
  const [settings, days, figures, odd, captured] = await Promise.all([
    readDaySettings(shell.env),
    readDays(configuration, bounds, readRecords),
    readFigures(configuration, bounds, { customers }),
    qualityFindings(configuration, bounds, shell.report),
    readCapturedChanges(configuration, shell.report),
  ]);
  const ofLoad = await loadParametersFor(days, shell);
  const judged = days.map((facts) => ({
    facts,
    state: verdict(facts, { ...settings.of(facts.ds), ...ofLoad }),
  }));
  return {
    asOf,
    where: s3Uri(configuration.PIPELINE_BUCKET, ''),
    due,
    days: judged.map(({ facts, state }) => toPageDay(facts, state, figures)),
    bins: figures.bins,
    records,
    findings: [
      ...dayFindings(judged, { now: asOf, due }),
      ...captureFindings(captured, { now: asOf, end: to, maxAge }),
      ...odd,
    ],
    spenders: figures.spenders,
  };
}

const noCustomers = { customers: 0, amount: 0, positive: 0, reviews: 0 };

/** A loaded day without rows in the metric has no customers. */
function toPageDay(
  { ds, published, ledger, failure }: DayFacts,
  state: string,
  { metric, counts }: Pick<WarehouseFigures, 'metric' | 'counts'>,
): PageDay {
  return {
    ds,
    state,
    published: new Map(
      [...published].map(([dataset, { manifest }]) => {
        const { run, finishedAt, totals } = manifest;
        const { rows, rejected, bytes } = totals;
        return [dataset, { run, rows, rejected, bytes, finishedAt }];
      }),
    ),
    loadedAt: ledger && loadTime(ledger)?.toISOString(),
    metric: metric.get(ds) ?? (ledger === undefined ? undefined : noCustomers),
    counts: counts.get(ds),
    failure,
  };
}

/** What is there for each day: staged, cleaned, loaded, with which parameters, and whether it is up to date. */
import type { Ds } from '@user-behaviour/shared/ds';
import { shapingParameters } from '@user-behaviour/shared/manifest/manifest';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { partialUntil } from '@user-behaviour/shared/manifest/partial-day';
import { otherSql, type Parameters, whyStale } from '@user-behaviour/shared/manifest/staleness';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import {
  datasets,
  isDataset,
  type JobName,
  pipeline,
  producerOf,
  type Stage,
  stageOf,
} from '@user-behaviour/shared/pipeline';
import { type DayFacts, upstreamOfStage } from '../facts/day-facts.ts';
import { resultOf } from './day-plan.ts';
import { shapingVariables } from './day-settings.ts';
import { failureText } from '../facts/failure-of-day.ts';
import { type LedgerRow, loadTime } from '../facts/ledger.ts';
import type { Output } from '../output.ts';
import type { Shell } from '../shell.ts';
import { type Cell, formatTable } from '../table.ts';
import { formatAge } from '../time-span.ts';

/**
 * The state of a day in one word; `failed` as facts/failure-of-day.ts says, `stale` if an upstream has been published again since, or if it was made with
 * other settings than those of the day, `partial` if a source was read before the day was over, `other SQL` if
 * `settings` has the SQL of the release and the day was loaded with another.
 */
export function verdict(facts: DayFacts, settings?: Parameters): string {
  const { published, ledger, damage } = facts;
  if (damage.size > 0 || ledger?.whole === false) return 'damaged';
  if (facts.failure !== undefined) return 'failed';
  if (ledger === undefined) {
    const ready = stageOf('redshift-load').reads.every((dataset) => published.has(dataset));
    if (ready) return 'not loaded';
    return published.size === 0 ? 'missing' : 'incomplete';
  }
  const reasons = pipeline
    .filter(({ reads }) => reads.length > 0)
    .map((stage) =>
      whyStale(resultOf(stage, facts), {
        upstream: upstreamOfStage(stage, facts),
        ...(stage.name === 'redshift-load' && sqlOf(settings)),
      }),
    )
    .filter((why) => why !== undefined);
  if (reasons.some((why) => why !== otherSql) || hasOtherSettings(facts, settings)) return 'stale';
  if (reasons.length > 0) return otherSql;
  return isPartial(facts) ? 'partial' : 'loaded';
}

const sqlOf = (settings?: Parameters) =>
  settings?.['loadSql'] === undefined
    ? undefined
    : { parameters: { loadSql: settings['loadSql'] } };

/** A setting that the manifest lacks, or that applies no more, is another one, too: as in a plan. */
const hasOtherSettings = ({ published }: DayFacts, settings?: Parameters): boolean =>
  settings !== undefined &&
  [...published].some(([dataset, { manifest }]) => {
    const [made, wanted] = [manifest.parameters, settings].map((parameters) =>
      shapingParameters(parameters, manifest.rejected),
    );
    return shapingVariables
      .filter(({ parameter }) => isShapedBy(producerOf(dataset), parameter))
      .some(({ parameter }) => made?.[parameter] !== wanted?.[parameter]);
  });

const isShapedBy = ({ shapedBy }: Pick<Stage, 'shapedBy'>, parameter: string): boolean =>
  shapedBy.includes(parameter);

const isPartial = ({ published }: DayFacts): boolean =>
  [...published.values()].some(({ manifest }) => partialUntil(manifest) !== undefined);

/** `settingsOf` has the settings of a day, also the SQL of the load if it is to be compared. */
export const statusOutput = (
  days: readonly DayFacts[],
  now: Date,
  settingsOf?: SettingsOf,
): Output => ({
  text: (width) =>
    days.length === 0 ? 'nothing has been run yet' : statusTable(days, now, { width, settingsOf }),
  json: () => ({ days: days.map((day) => statusDocument(day, settingsOf)) }),
});

type SettingsOf = (ds: Ds) => Parameters;

const statusDocument = (facts: DayFacts, settingsOf?: SettingsOf) => ({
  ds: facts.ds,
  state: verdict(facts, settingsOf?.(facts.ds)),
  published: Object.fromEntries(
    datasets.map((dataset) => [dataset, publicationDocument(facts.published.get(dataset))]),
  ),
  damage: Object.fromEntries(facts.damage),
  load: facts.ledger === undefined ? null : loadDocument(facts.ledger),
  failure: facts.failure === undefined ? null : failureDocument(facts.failure),
});

const failureDocument = ({
  job,
  run,
  exit,
  kind,
  message,
  action,
  audit,
  finishedAt,
}: DayRecord) => ({
  job,
  run,
  exit,
  kind,
  message,
  action,
  audit: audit ?? null,
  finishedAt,
});

/** A line for each failed day: what failed, why, and where to read on. */
export const failureLines = (days: readonly DayFacts[]): readonly string[] =>
  days.flatMap(({ ds, failure }) => {
    if (failure === undefined) return [];
    const { job, exit } = failure;
    return [
      `${ds}: ${job} failed with ${String(exit)}: ${failureText(failure)} (make runs DS=${ds})`,
    ];
  });

/** Only the end of a long history is compared with the metric. */
export function tellNotCompared(
  days: readonly DayFacts[],
  { report, optionName }: Pick<Shell, 'report' | 'optionName'>,
): void {
  const last = days.findLast(({ ledger }) => ledger?.notCompared === true);
  if (last === undefined) return;
  const names = `${optionName('from')} and ${optionName('to')}`;
  report(
    `up to ${last.ds}, the rows in the metric were not compared with the ledger; name a year with ${names} to do that`,
  );
}

function publicationDocument(published: Published | undefined) {
  if (published === undefined) return null;
  const { run, generation, finishedAt, totals, parameters } = published.manifest;
  const completeUntil = partialUntil(published.manifest)?.toISOString() ?? null;
  return { run, generation, finishedAt, completeUntil, ...totals, parameters };
}

const loadDocument = (row: LedgerRow) => ({
  ...row,
  amountSpent: Number(row.amountSpent),
  loadedAt: loadTime(row)?.toISOString() ?? null,
});

/** The table that `make status` prints. Ages count from the load, in UTC. */
export function statusTable(
  days: readonly DayFacts[],
  now: Date,
  { width, settingsOf }: StatusTable = {},
): string {
  const rows = days.map((day): Cell[] => [
    day.ds,
    verdict(day, settingsOf?.(day.ds)),
    ...columns.map(({ cell, dataset }) => cell(day.published.get(dataset))),
    day.ledger?.rows,
    day.ledger?.amountSpent,
    ageOf(day.ledger, now),
  ]);
  return formatTable(
    [
      'ds',
      'state',
      ...columns.map(({ title }) => title),
      stageOf('redshift-load').rows,
      'amount',
      'age',
    ],
    rows,
    { width },
  );
}

interface StatusTable {
  readonly width?: number | undefined;
  readonly settingsOf?: SettingsOf | undefined;
}

interface Column {
  readonly title: string;
  readonly cell: (published: Published | undefined) => Cell;
}

/** What is shown of a publication besides its rows. */
const details: Readonly<Partial<Record<JobName, readonly Column[]>>> = {
  'extract-purchases': [{ title: 'min quantity', cell: minQuantityOf }],
  'emr-clean': [{ title: 'rejected', cell: (published) => published?.manifest.totals.rejected }],
};

const columns = pipeline.flatMap(({ name, rows, writes: dataset }) =>
  isDataset(dataset)
    ? [
        { title: rows, cell: (published?: Published) => published?.manifest.totals.rows },
        ...(details[name] ?? []),
      ].map((column) => ({ ...column, dataset }))
    : [],
);

function minQuantityOf(published: Published | undefined): number | undefined {
  const value = published?.manifest.parameters['minQuantity'];
  return typeof value === 'number' ? value : undefined;
}

function ageOf(row: LedgerRow | undefined, now: Date): string | undefined {
  const time = row && loadTime(row);
  return time && formatAge(now.getTime() - time.getTime());
}

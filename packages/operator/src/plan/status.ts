/** What is there for each day: staged, cleaned, loaded, with which parameters, and whether it is up to date. */
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { whyStale } from '@user-behaviour/shared/manifest/staleness';
import { isDataset, type JobName, pipeline, stageOf } from '@user-behaviour/shared/pipeline';
import { type DayFacts, upstreamOfStage } from '../facts/day-facts.ts';
import { resultOf } from './day-plan.ts';
import { type Cell, formatTable } from '../table.ts';
import { formatAge } from '../time-span.ts';

/** The state of a day in one word; `stale` if an upstream has been published again since. */
export function verdict(facts: DayFacts): string {
  const { published, ledger, damage } = facts;
  if (damage.size > 0 || ledger?.whole === false) return 'damaged';
  if (ledger === undefined) {
    const ready = stageOf('redshift-load').reads.every((dataset) => published.has(dataset));
    if (ready) return 'not loaded';
    return published.size === 0 ? 'missing' : 'incomplete';
  }
  const isStale = pipeline
    .filter(({ reads }) => reads.length > 0)
    .some(
      (stage) =>
        whyStale(resultOf(stage, facts), { upstream: upstreamOfStage(stage, facts) }) !== undefined,
    );
  return isStale ? 'stale' : 'loaded';
}

/** The table that `make status` prints. Ages count from the load, in UTC. */
export function statusTable(days: readonly DayFacts[], now: Date): string {
  const rows = days.map((day): Cell[] => [
    day.ds,
    verdict(day),
    ...columns.map(({ cell, dataset }) => cell(day.published.get(dataset))),
    day.ledger?.rows,
    day.ledger?.amountSpent,
    day.ledger?.minQuantity,
    day.ledger === undefined ? undefined : age(day.ledger.loadedAt, now),
  ]);
  return formatTable(
    [
      'ds',
      'state',
      ...columns.map(({ title }) => title),
      stageOf('redshift-load').rows,
      'amount',
      'loaded min quantity',
      'age',
    ],
    rows,
  );
}

interface Column {
  readonly title: string;
  readonly cell: (published: Published | undefined) => Cell;
}

/** What is shown of a publication besides its rows. */
const details: Readonly<Partial<Record<JobName, readonly Column[]>>> = {
  'extract-purchases': [{ title: 'min quantity', cell: minQuantityOf }],
  'emr-clean': [
    { title: 'rejected', cell: (published) => published?.manifest.totals.rejected },
    { title: 'script', cell: scriptOf },
  ],
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

/** The first characters of the script's hash. */
function scriptOf(published: Published | undefined): string | undefined {
  const key = published?.manifest.parameters['script'];
  return typeof key === 'string' ? key.split('/')[1]?.slice(0, 8) : undefined;
}

const age = (loadedAt: string, now: Date): string => {
  const time = Date.parse(`${loadedAt.replace(' ', 'T')}Z`);
  return Number.isNaN(time) ? '' : formatAge(now.getTime() - time);
};

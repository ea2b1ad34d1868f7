/** The runs of days that are published or loaded, as far as manifests and ledger know them. Pure. */
import { currentLoadSql, loadStatements } from '@user-behaviour/redshift-load/load/transaction';
import type { LineageRecord } from '@user-behaviour/shared/lineage/event-datasets';
import { inputOf, type ReadInput } from '@user-behaviour/shared/lineage/read-input';
import { manifestKey } from '@user-behaviour/shared/keys';
import { type Dataset, isDataset, pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import type { DayFacts } from '../facts/day-facts.ts';
import { loadTime } from '../facts/ledger.ts';

type Day = Pick<DayFacts, 'ds' | 'published' | 'ledger'>;

/** In the order of the pipeline. `loadRun` is the run that loaded the day, if it is loaded. */
export const publishedRuns = (day: Day, loadRun: string | undefined): readonly LineageRecord[] =>
  pipeline.flatMap((stage: Stage) => {
    const { writes } = stage;
    const record = isDataset(writes) ? published(stage, writes, day) : loaded(stage, day, loadRun);
    return record === undefined ? [] : [record];
  });

function published({ reads }: Stage, dataset: Dataset, day: Day): LineageRecord | undefined {
  const manifest = day.published.get(dataset)?.manifest;
  if (manifest === undefined) return undefined;
  const { job, run, totals, upstream, startedAt, finishedAt } = manifest;
  const runs = new Map(upstream.map(({ key, run }) => [key, run] as const));
  const inputs = reads.flatMap((read) => {
    const run = runs.get(manifestKey(read as Dataset, day.ds));
    return run === undefined ? [] : [inputFrom(read as Dataset, run, day)];
  });
  return {
    ...{ job: job.name, version: job.version, ds: day.ds, run, status: 'published' },
    ...{ startedAt, finishedAt, publishedRun: run },
    ...{ rows: totals.rows, rejected: totals.rejected, bytes: totals.bytes, files: totals.files },
    ...(inputs.length > 0 && { inputs }),
  };
}

/** The ledger does not know when a load began, nor its release. */
function loaded({ name }: Stage, { ds, published, ledger }: Day, run: string | undefined) {
  const time = ledger && loadTime(ledger)?.toISOString();
  if (ledger === undefined || run === undefined || time === undefined) return undefined;
  const record: LineageRecord = {
    ...{ job: name, ds, run, status: 'loaded', startedAt: time, finishedAt: time },
    rows: ledger.rows,
    loadSql: ledger.loadSql,
    inputs: [
      inputFrom('user_purchase/stage', ledger.purchasesRun, { published }),
      inputFrom('movie_review/stage', ledger.reviewsRun, { published }),
    ],
    ...(isLoadedByThisSql({ ...ledger }) && { audits: auditsOfLoad() }),
  };
  return record;
}

/** With its size, if it is what is published now. */
function inputFrom(
  dataset: Dataset,
  run: string,
  { published }: Pick<Day, 'published'>,
): ReadInput {
  const manifest: Manifest | undefined = published.get(dataset)?.manifest;
  return manifest?.run === run ? inputOf(manifest) : { dataset, run };
}

/** Every audit of a loaded day held, but another release may have had others. */
export const isLoadedByThisSql = (record: Readonly<Record<string, unknown>>): boolean =>
  record['loadSql'] === currentLoadSql();

const auditsOfLoad = (): readonly string[] =>
  loadStatements()
    .filter(({ kind }) => kind === 'audit')
    .map(({ name }) => name);

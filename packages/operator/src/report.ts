/** What one day's run made and where it lies; the last words of `make demo`. At most 100 columns. */
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { s3Uri } from '@user-behaviour/shared/keys';
import { isDataset, pipeline } from '@user-behaviour/shared/pipeline';
import type { OperatorConfiguration } from './config.ts';
import type { DayFacts } from './facts/day-facts.ts';
import { metricStage, stageName } from './show/stages.ts';
import { type Cell, formatTable } from './table.ts';
import { queryWarehouse } from './facts/warehouse-query.ts';

const width = 100;

export async function reportDay(
  ds: Ds,
  facts: DayFacts | undefined,
  configuration: OperatorConfiguration,
): Promise<string> {
  const { columns, rows } = await queryWarehouse(
    configuration,
    statement('report', 'top_customers'),
    { ds },
  );
  const { rows: customers = 0, amountSpent = '0.00' } = facts?.ledger ?? {};
  return [
    `public.user_behavior_metric of ${ds}: ${String(customers)} customers with reviews spent ${amountSpent}.`,
    ...(customers > rows.length ? ['Those with the most positive reviews (review_score):'] : []),
    formatTable(columns, rows, { width }),
    '',
    `Where the data of each stage is, below ${s3Uri(configuration.PIPELINE_BUCKET, '')}:`,
    formatTable(['stage', 'rows', 'files', 'where'], stageRows(facts), { width }),
    '',
    'Next:',
    ...nextCommands(ds).map((command) => `  ${command}`),
    'Addresses and credentials of the local Postgres, S3, EMR and Redshift are in .env.local,',
    'logs in .local/cloud/logs/.',
  ].join('\n');
}

const stageRows = (facts: DayFacts | undefined): Cell[][] =>
  pipeline.map(({ rows: what, writes }): Cell[] => {
    if (!isDataset(writes)) return [metricStage, facts?.ledger?.rows, undefined, writes];
    const manifest = facts?.published.get(writes)?.manifest;
    const folder = manifest?.files[0]?.key.replace(/[^/]*$/, '');
    return [stageName(what), manifest?.totals.rows, manifest?.totals.files, folder];
  });

/** Ten days from the one of the report. */
function nextCommands(from: Ds): readonly string[] {
  const to = Array.from({ length: 9 }).reduce<Ds>((day) => nextDs(day), from);
  return [
    `make show DS=${from}                         # every stage of the day, with its first rows`,
    `make backfill FROM=${from} TO=${to}     # ten days`,
    'make status                                     # what there is for each day',
    'make query SQL="select * from public.user_behavior_metric_load"',
    'make down                                       # stops the local cloud, keeps its data',
  ];
}

/** What one day's run made and where it lies; the last words of `make demo`. */
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import type { Ds } from '@user-behaviour/shared/ds';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { OperatorConfiguration } from './config.ts';
import type { DayFacts } from './facts/day-facts.ts';
import { formatTable } from './table.ts';
import { queryWarehouse } from './facts/warehouse-query.ts';

export async function reportDay(
  ds: Ds,
  status: DayFacts | undefined,
  configuration: OperatorConfiguration,
): Promise<string> {
  const { columns, rows } = await queryWarehouse(
    configuration,
    statement('report', 'top_customers'),
    { ds },
  );
  const customers = status?.ledger?.rows ?? 0;
  const files = [...(status?.published.values() ?? [])].flatMap((published) =>
    filesOf(published, configuration.PIPELINE_BUCKET),
  );
  return [
    `public.user_behavior_metric of ${ds}: ${String(customers)} customers${customers > rows.length ? `, the ${String(rows.length)} who spent most:` : ''}`,
    formatTable(columns, rows),
    '',
    'It was made from:',
    formatTable(['file', 'rows', 'bytes'], files),
    '',
    'Go on with:',
    '  make -C infra backfill FROM=2010-12-01 TO=2010-12-10',
    '  make -C infra status',
    '  make -C infra query SQL="select * from public.user_behavior_metric_load"',
    '  make -C infra down',
    'Addresses and credentials of the local Postgres, S3, EMR and Redshift are in .env.local, logs in .local/cloud/logs/.',
  ].join('\n');
}

const filesOf = ({ manifest }: Published, bucket: string) =>
  manifest.files.map(({ key, rows, bytes }) => [s3Uri(bucket, key), rows, bytes] as const);

/** The tables of the warehouse: the external ones, the metric, and the ledger of the loads. */
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { s3Uri } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { datasets } from '@user-behaviour/shared/pipeline';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import { type DayLook, type Partition, partitionsOfDay, rowsOfDay } from './day-look.ts';
import type { Section } from './section.ts';

/** Each external table, where the day's partition is, and rows of it. */
export async function showSpectrum(stage: string, look: DayLook): Promise<Section> {
  const where = 'external tables of the warehouse';
  const partitions = await partitionsOfDay(look);
  if (partitions.length === 0) return { stage, where, note: 'no partitions: not loaded' };
  const samples = partitions.map(async (partition) => {
    const of = `spectrum.${partition.table}`;
    const note = await stateOf(partition, look);
    return { of, note, table: await rowsOfDay(look, of, 'insert_date') };
  });
  return { stage, where, samples: await Promise.all(samples) };
}

/** The folder of a partition, and whether it is that of the published run. */
async function stateOf({ location }: Partition, { where, ds }: DayLook): Promise<string> {
  const below = location.replace(s3Uri(where.bucket, ''), '');
  const dataset = datasets.find((one) => below.startsWith(`${one}/${ds}/`));
  const published =
    dataset && (await new ManifestStore(where.s3, where.bucket).read(dataset, ds))?.manifest;
  return published !== undefined && below.endsWith(`/${published.run}/`)
    ? `at ${below}`
    : `at ${below}, which is not the published run`;
}

/** A table that the loads write; `day` is the column that holds the ds. */
export async function showTable(
  stage: string,
  { table, day }: { readonly table: string; readonly day: string },
  look: DayLook,
): Promise<Section> {
  const where = `public.${table}`;
  const existing = await queryWarehouse(look.configuration, statement('ddl', 'metric_tables'));
  if (!namedRows(existing).some((row) => row['table_name'] === table)) {
    return { stage, where, note: 'not loaded: there is no such table yet' };
  }
  const rows = await rowsOfDay(look, where, day);
  if (rows.rows.length === 0) return { stage, where, note: 'not loaded' };
  return { stage, where, samples: [{ of: where, table: rows }] };
}

/** A dataset in the bucket: what its manifest says, and the first rows of its first file. */
import { asFailure } from '@user-behaviour/shared/failure';
import { runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { readObjectStart } from '../bucket/object-start.ts';
import { readCsvRows } from './csv-rows.ts';
import { type DayLook, partitionsOfDay, rowsOfDay } from './day-look.ts';
import type { Sample, Section } from './section.ts';

export async function showDataset(
  stage: string,
  dataset: Dataset,
  look: DayLook,
): Promise<Section> {
  const { s3, bucket } = look.where;
  const found = await new ManifestStore(s3, bucket).read(dataset, look.ds);
  if (found === undefined) return { stage, where: dataset, note: 'not published' };
  const section = { stage, where: dataset, manifest: found.manifest };
  try {
    return { ...section, samples: await sampleOf(found.manifest, look) };
  } catch (error) {
    return { ...section, failure: asFailure(error) };
  }
}

async function sampleOf(manifest: Manifest, look: DayLook): Promise<readonly Sample[]> {
  const [file] = manifest.files;
  if (file === undefined) return [];
  const of = file.key.replace(/^.*\//, '');
  if (file.key.endsWith('.parquet')) return [await sampleOfParquet(manifest, look)];
  const { text, continues } = await readObjectStart(look.where, file.key);
  const { columns, rows } = readCsvRows(text, look.rows, continues);
  const types = columns.map(() => 'varchar');
  return [{ of, note: first(rows.length, file.rows), table: { columns, types, rows } }];
}

const first = (shown: number, all: number): string =>
  shown < all ? `the first ${String(shown)} of ${String(all)} rows` : 'all rows';

/** The warehouse reads Parquet, if the day's partition is at this run. */
async function sampleOfParquet({ dataset, ds, run }: Manifest, look: DayLook): Promise<Sample> {
  const folder = s3Uri(look.where.bucket, runPrefix(dataset, ds, run));
  const partition = (await partitionsOfDay(look)).find(({ location }) => location === folder);
  if (partition === undefined) {
    return {
      of: 'Parquet',
      note: 'the warehouse reads it, but has no partition at this run yet: load the day first',
    };
  }
  const of = `spectrum.${partition.table}`;
  return {
    of,
    note: 'the same rows, read by the warehouse',
    table: await rowsOfDay(look, of, 'insert_date'),
  };
}

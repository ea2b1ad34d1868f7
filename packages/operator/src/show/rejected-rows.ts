/** The purchases and the review lines that were rejected, with the reasons. */
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import {
  isRejecting,
  type RejectingDataset,
  rejectsFolders,
  rejectsPrefix,
} from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { datasets } from '@user-behaviour/shared/pipeline';
import type { StoredObject } from '@user-behaviour/shared/s3/list-objects';
import * as z from 'zod';
import { readObjectStart } from '../bucket/object-start.ts';
import { takeInventory } from '../facts/inventory.ts';
import { readCsvRows } from './csv-rows.ts';
import type { DayLook } from './day-look.ts';
import type { Sample, Section } from './section.ts';

const rejecting = datasets.filter(isRejecting);

export async function showRejects(stage: string, look: DayLook): Promise<Section> {
  const samples = await Promise.all(rejecting.map((dataset) => sampleOf(dataset, look)));
  const found = samples.filter((sample) => sample !== undefined);
  const where = rejecting.map((dataset) => rejectsFolders[dataset]).join(', ');
  return found.length === 0
    ? { stage, where, note: 'no rejects' }
    : { stage, where, samples: found };
}

/**
 * The last run that has rejected rows, if it is the published one or newer: a day with too many of them
 * is not published, and its rejects say why.
 */
async function sampleOf(dataset: RejectingDataset, look: DayLook): Promise<Sample | undefined> {
  const { where, ds } = look;
  const days = await takeInventory(where, rejectsFolders[dataset], { from: ds, to: ds });
  const published = await new ManifestStore(where.s3, where.bucket).read(dataset, ds);
  const manifest = published?.manifest;
  const last = [...(days.get(ds)?.runs ?? [])]
    .map(([run, objects]) => ({
      run,
      objects,
      time: Math.max(...objects.map(({ modified }) => modified)),
    }))
    .filter(({ run, time }) => run === manifest?.run || time > timeOf(manifest?.finishedAt))
    .sort((a, b) => a.time - b.time)
    .at(-1);
  if (last === undefined) return undefined;
  const isPublished = last.run === manifest?.run;
  return {
    of: rejectsPrefix(dataset, ds, last.run),
    note: isPublished ? 'of the published run' : 'of a run that is not published',
    table: await rejectedRows(last.objects, look),
  };
}

const timeOf = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text));

/** The first rows: purchases are one CSV file, review lines are files of JSON. */
async function rejectedRows(
  objects: readonly StoredObject[],
  { where, rows: count }: DayLook,
): Promise<Table> {
  let columns: readonly string[] = [];
  const rows: (readonly (string | undefined)[])[] = [];
  for (const { key, bytes } of objects) {
    if (bytes === 0 || rows.length === count) continue;
    const { text, continues } = await readObjectStart(where, key);
    const more = key.endsWith('.csv') ? readCsvRows(text, count, continues) : readLines(text);
    columns = more.columns;
    rows.push(...more.rows.slice(0, count - rows.length));
  }
  return { columns, types: columns.map(() => 'varchar'), rows };
}

/** A line of part-*.json; Spark leaves out what is null. */
const reject = z.object({ reason: z.string().optional(), line: z.string().optional() });

function readLines(text: string) {
  const lines = text.split('\n').filter((one) => one !== '');
  const rows = lines.map((json) => {
    const { reason, line } = parse(json) ?? { reason: undefined, line: json };
    return [reason, line];
  });
  return { columns: ['reason', 'line'], rows };
}

/** Undefined for a line that the range has cut. */
function parse(json: string) {
  try {
    return reject.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}

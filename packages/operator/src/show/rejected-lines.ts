/** The review lines that the cleaning has rejected, with the reasons. */
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { rejectsFolders, rejectsPrefix } from '@user-behaviour/shared/keys';
import type { StoredObject } from '@user-behaviour/shared/s3/list-objects';
import * as z from 'zod';
import { readObjectStart } from '../bucket/object-start.ts';
import { takeInventory } from '../facts/inventory.ts';
import type { DayLook } from './day-look.ts';
import type { Section } from './section.ts';

const dataset = 'movie_review/stage';
const folder = rejectsFolders[dataset];

/**
 * Shows the last run that has rejected lines, if it is the published one or newer: a day of which too many
 * lines are bad is not published, and its rejects tell why.
 */
export async function showRejects(stage: string, look: DayLook): Promise<Section> {
  const { where, ds } = look;
  const days = await takeInventory(where, folder, { from: ds, to: ds });
  const published = await new ManifestStore(where.s3, where.bucket).read(dataset, ds);
  const manifest = published?.manifest;
  const runs = [...(days.get(ds)?.runs ?? [])].map(([run, objects]) => ({
    run,
    objects,
    time: Math.max(...objects.map(({ modified }) => modified)),
  }));
  const last = runs
    .filter(({ run, time }) => run === manifest?.run || time > timeOf(manifest?.finishedAt))
    .sort((a, b) => a.time - b.time)
    .at(-1);
  if (last === undefined) return { stage, where: folder, note: 'no rejects' };
  const rows = await rejectedRows(last.objects, look);
  return {
    stage,
    where: folder,
    samples: [
      {
        of: rejectsPrefix(dataset, ds, last.run),
        note:
          last.run === manifest?.run ? 'of the published run' : 'of a run that is not published',
        table: { columns: ['reason', 'line'], types: ['varchar', 'varchar'], rows },
      },
    ],
  };
}

const timeOf = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text));

/** A line of part-*.json; Spark leaves out what is null. */
const reject = z.object({ reason: z.string().optional(), line: z.string().optional() });

async function rejectedRows(objects: readonly StoredObject[], { where, rows: count }: DayLook) {
  const rows: (string | undefined)[][] = [];
  for (const { key, bytes } of objects) {
    if (bytes === 0) continue;
    const { text } = await readObjectStart(where, key);
    for (const json of text.split('\n').filter((one) => one !== '')) {
      if (rows.length === count) return rows;
      const { reason, line } = parse(json) ?? { reason: undefined, line: json };
      rows.push([reason, line]);
    }
  }
  return rows;
}

/** Undefined for a line that the range has cut. */
function parse(json: string) {
  try {
    return reject.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The day's purchases where the shop wrote them. */
import { asset } from '@user-behaviour/shared/asset';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { querySource, sourceConfiguration } from '../source/source-query.ts';
import type { DayLook } from './day-look.ts';
import type { Section } from './section.ts';

/** Milliseconds; without the index on invoice_date, a day may take longer to find. */
const timeout = 30_000;

export async function showSource(
  stage: string,
  { ds, rows, environment }: DayLook,
): Promise<Section> {
  const where = stageOf('extract-purchases').source.name;
  // The psql variables of the file become parameters.
  const sql = asset('sql/source/report/purchases_of_day.sql')
    .replaceAll(":'ds'", '$1')
    .replaceAll(':rows', '$2');
  const values = [ds, rows];
  const table = await querySource(sourceConfiguration(environment), { sql, values, timeout });
  if (table.rows.length === 0) return { stage, where, note: 'no rows on this day' };
  return { stage, where, samples: [{ of: where, note: 'of any quantity', table }] };
}

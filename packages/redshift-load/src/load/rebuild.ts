/**
 * The transaction that writes a lost row of the ledger, as data. It reads the published files as a load does, and
 * writes the row only if the slice has exactly the rows that the load would write. It never changes the slice. Pure.
 */
import { Failure } from '@user-behaviour/shared/failure';
import { forDays, type Statement, statement } from '../data-api/sql.ts';

/** What a load does to the slice and to an older row. */
const changes = new Set(['delete_days', 'delete_ledger', 'summary']);
/** What concerns the ledger and the counts of the day, whose tables may be missing. */
const ofLedger = new Set([
  'lock',
  'moves_forward',
  'insert_ledger',
  'delete_day_counts',
  'insert_day_counts',
]);

/** `load` are the statements of a load of one day. Without `writes` the rows are only compared. */
export function rebuildStatements(
  load: readonly Statement[],
  writes: boolean,
): readonly Statement[] {
  return load
    .filter(({ name }) => !changes.has(name) && (writes || !ofLedger.has(name)))
    .flatMap((one) => {
      switch (one.name) {
        case 'moves_forward':
          return [one, forDays(statement('audit', '060_not_in_ledger'), 1)];
        case 'insert_days':
          return [
            statement('rebuild', '010_metric_day'),
            intoMetricDay(one),
            forDays(statement('audit', '061_slice_as_loaded'), 1),
            statement('rebuild', '090_drop_metric_day'),
          ];
        default:
          return [one];
      }
    });
}

/** The rows of the load, whatever its columns are, without a second text of them. */
function intoMetricDay({ kind, sql }: Statement): Statement {
  const metric = /\bpublic\.user_behavior_metric\b/;
  if (!metric.test(sql))
    throw new Failure('bug', 'load/050_insert_days.sql does not name the metric');
  return { name: 'fill_metric_day', kind, sql: sql.replace(metric, 'metric_day') };
}

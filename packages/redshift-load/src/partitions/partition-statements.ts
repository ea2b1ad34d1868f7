/** The statements that set the external partitions of many days to the published runs; pure. */
import { type Statement, statement } from '../data-api/sql.ts';
import { mostDaysTogether } from '../config.ts';
import type { PlannedLoad } from '../load/transaction.ts';
import { purchasesTables, reviewsTable } from './external-tables.ts';

export const partitionFiles = ['add_purchases', 'add_reviews', 'set_purchases', 'set_reviews'];

/** A day, the format of its purchases and where its partitions ought to point. */
export type DayPartitions = Pick<PlannedLoad, 'day' | 'format' | 'locations'>;

/** Where the partitions of a day point, by the name of the table without its schema. */
export type Locations = ReadonlyMap<string, string | undefined>;

type Side = keyof DayPartitions['locations'];

/** The tables in which a day may have a partition, each with the days that have theirs there. */
const tables = [
  ...(['text', 'parquet'] as const).map((format) => ({
    table: purchasesTables[format],
    side: 'purchases' as const,
    isOf: (day: DayPartitions) => day.format === format,
  })),
  { table: reviewsTable, side: 'reviews' as const, isOf: () => true },
];

export const areSet = (day: DayPartitions, found: Locations | undefined): boolean =>
  tables
    .filter(({ isOf }) => isOf(day))
    .every(({ table, side }) => isSame(found?.get(table), day.locations[side]));

/** The catalog may leave out the last slash of a location. */
const isSame = (found: string | undefined, wanted: string): boolean =>
  found?.replace(/\/$/, '') === wanted.replace(/\/$/, '');

/**
 * Adds what is missing, many days in one statement, and changes what points elsewhere. Without `found`
 * it does both for every day: adding leaves an existing partition as it is. Safe to repeat, whole or
 * in part. The partition of a day in the table of another format stays where it is: no load reads it.
 */
export function partitionStatements(
  wanted: readonly DayPartitions[],
  found?: ReadonlyMap<string, Locations>,
): readonly Statement[] {
  return tables.flatMap(({ table, side, isOf }) => {
    const days = wanted.filter(isOf);
    const current = ({ day }: DayPartitions) => found?.get(day.ds)?.get(table);
    const missing = days.filter((one) => current(one) === undefined);
    const changed = days.filter((one) => {
      const location = current(one);
      return location === undefined ? found === undefined : !isSame(location, one.locations[side]);
    });
    return [...additions(side, missing), ...changed.map((one) => ofDay(`set_${side}`, one))];
  });
}

const ofDay = (file: string, { day, format, locations }: DayPartitions): Statement =>
  statement('partition', file, {
    ds: day.ds,
    purchases_table: purchasesTables[format],
    purchases_location: locations.purchases,
    reviews_location: locations.reviews,
  });

/** The file's statement for the first day, with its `partition … location …` repeated for the others. */
function additions(side: Side, wanted: readonly DayPartitions[]): readonly Statement[] {
  if (wanted.length === 0) return [];
  const singles = wanted.slice(0, mostDaysTogether).map((one) => ofDay(`add_${side}`, one));
  const [first, ...others] = singles.map(({ sql }) => sql);
  const parts = others.map((sql) => sql.slice(sql.search(/\bpartition \(/)));
  return [
    { name: `add_${side}`, kind: 'partition', sql: [first, ...parts].join('\n') },
    ...additions(side, wanted.slice(mostDaysTogether)),
  ];
}

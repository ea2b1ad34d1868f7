/** The statements that set the external partitions of many days to the published runs; pure. */
import { type Statement, statement } from '../data-api/sql.ts';
import { mostDaysTogether } from '../config.ts';
import type { PlannedLoad } from '../load/transaction.ts';

export const partitionFiles = ['add_purchases', 'add_reviews', 'set_purchases', 'set_reviews'];

/** A day and where its partitions ought to point. */
export type DayPartitions = Pick<PlannedLoad, 'day' | 'locations'>;

/** Where the partitions of a day point; undefined for one that does not exist. */
export interface Locations {
  readonly purchases: string | undefined;
  readonly reviews: string | undefined;
}

type Side = keyof Locations;
const sides: readonly Side[] = ['purchases', 'reviews'];

export const areSet = ({ locations }: DayPartitions, found: Locations | undefined): boolean =>
  sides.every((side) => isSame(found?.[side], locations[side]));

/** The catalog may leave out the last slash of a location. */
const isSame = (found: string | undefined, wanted: string): boolean =>
  found?.replace(/\/$/, '') === wanted.replace(/\/$/, '');

/**
 * Adds what is missing, many days in one statement, and changes what points elsewhere. Without `found`
 * it does both for every day: adding leaves an existing partition as it is. Safe to repeat, whole or
 * in part.
 */
export function partitionStatements(
  wanted: readonly DayPartitions[],
  found?: ReadonlyMap<string, Locations>,
): readonly Statement[] {
  return sides.flatMap((side) => {
    const current = ({ day }: DayPartitions) => found?.get(day.ds)?.[side];
    const missing = wanted.filter((one) => current(one) === undefined);
    const changed = wanted.filter((one) => {
      const location = current(one);
      return location === undefined ? found === undefined : !isSame(location, one.locations[side]);
    });
    return [...additions(side, missing), ...changed.map((one) => ofDay(`set_${side}`, one))];
  });
}

const ofDay = (file: string, { day, locations }: DayPartitions): Statement =>
  statement('partition', file, {
    ds: day.ds,
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

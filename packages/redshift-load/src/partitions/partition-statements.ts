/** The statements that point the external partitions of many days at the published runs; pure. */
import type { DayLoad } from '../load/transaction.ts';
import { type Statement, statement } from '../data-api/sql.ts';

export const partitionFiles = ['add_purchases', 'add_reviews', 'set_purchases', 'set_reviews'];

/** The most that one statement adds with the Glue catalog (Redshift guide, ALTER TABLE, external tables). */
const mostAdded = 100;

/** Where the partitions of a day point; undefined for one that is not known. */
export interface Locations {
  readonly purchases: string | undefined;
  readonly reviews: string | undefined;
}

type Side = keyof Locations;
const sides: readonly Side[] = ['purchases', 'reviews'];

/** Whether both partitions point at the runs of the load. The catalog may keep a location without its last slash. */
export const stands = ({ locations }: DayLoad, found: Locations | undefined): boolean =>
  sides.every((side) => isAt(found?.[side], locations[side]));

const isAt = (found: string | undefined, wanted: string): boolean =>
  found?.replace(/\/$/, '') === wanted.replace(/\/$/, '');

/**
 * Adds what is missing, many days in one statement, and moves what points elsewhere. Without
 * `found` nothing is known: all are added, which leaves an existing one as it is, and all are moved.
 * Safe to repeat, whole or in part.
 */
export function partitionStatements(
  loads: readonly DayLoad[],
  found?: ReadonlyMap<string, Locations>,
): readonly Statement[] {
  return sides.flatMap((side) => {
    const at = ({ ds }: DayLoad) => found?.get(ds)?.[side];
    const missing = loads.filter((load) => at(load) === undefined);
    const moved = loads.filter((load) => {
      const location = at(load);
      return location === undefined ? found === undefined : !isAt(location, load.locations[side]);
    });
    return [...additions(side, missing), ...moved.map((load) => one(`set_${side}`, load))];
  });
}

const one = (file: string, { ds, locations }: DayLoad): Statement =>
  statement('partition', file, {
    ds,
    purchases_location: locations.purchases,
    reviews_location: locations.reviews,
  });

/** The file's statement for the first day, and its last part once more for every other day. */
function additions(side: Side, loads: readonly DayLoad[]): readonly Statement[] {
  if (loads.length === 0) return [];
  const singles = loads.slice(0, mostAdded).map((load) => one(`add_${side}`, load));
  const [first, ...others] = singles.map(({ sql }) => sql);
  const parts = others.map((sql) => sql.slice(sql.search(/\bpartition \(/)));
  return [
    { name: `add_${side}`, kind: 'partition', sql: [first, ...parts].join('\n') },
    ...additions(side, loads.slice(mostAdded)),
  ];
}

/** What is there for each day: staged, cleaned, loaded, with which parameters, and whether it is up to date. */
import { isMadeFrom } from '@user-behaviour/shared/manifest/provenance';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { DayFacts } from '../facts/day-facts.ts';
import { type Cell, formatTable } from '../table.ts';
import { sayAge } from '../time-span.ts';

/** One word for a day; `stale` when an upstream has been published anew since. */
export function verdict({ purchases, load, reviews, ledger, damage }: DayFacts): string {
  if (damage.size > 0 || ledger?.whole === false) return 'damaged';
  if (ledger === undefined) {
    if (purchases !== undefined && reviews !== undefined) return 'not loaded';
    const nothing = purchases === undefined && load === undefined && reviews === undefined;
    return nothing ? 'missing' : 'incomplete';
  }
  const loaded =
    ledger.purchasesRun === purchases?.manifest.run && ledger.reviewsRun === reviews?.manifest.run;
  const cleaned = reviews !== undefined && load !== undefined && isMadeFrom(reviews, load);
  return loaded && cleaned ? 'loaded' : 'stale';
}

/** The table that `make status` prints. Ages count from the load, in UTC. */
export function statusTable(days: readonly DayFacts[], now: Date): string {
  const rows = days.map((day): Cell[] => [
    day.ds,
    verdict(day),
    day.purchases?.manifest.totals.rows,
    minQuantityOf(day.purchases),
    day.load?.manifest.totals.rows,
    day.reviews?.manifest.totals.rows,
    day.reviews?.manifest.totals.rejected,
    scriptOf(day.reviews),
    day.ledger?.rows,
    day.ledger?.amountSpent,
    day.ledger?.minQuantity,
    day.ledger === undefined ? undefined : age(day.ledger.loadedAt, now),
  ]);
  return formatTable(
    [
      'ds',
      'state',
      'purchases',
      'min quantity',
      'reviews',
      'cleaned',
      'rejected',
      'script',
      'customers',
      'amount',
      'loaded min quantity',
      'age',
    ],
    rows,
  );
}

function minQuantityOf(published: Published | undefined): number | undefined {
  const value = published?.manifest.parameters['minQuantity'];
  return typeof value === 'number' ? value : undefined;
}

/** The first characters of the script's hash. */
function scriptOf(published: Published | undefined): string | undefined {
  const key = published?.manifest.parameters['script'];
  return typeof key === 'string' ? key.split('/')[1]?.slice(0, 8) : undefined;
}

const age = (loadedAt: string, now: Date): string => {
  const time = Date.parse(`${loadedAt.replace(' ', 'T')}Z`);
  return Number.isNaN(time) ? '' : sayAge(now.getTime() - time);
};

/** The external partitions of many days: where they point, and pointed at the published runs. */
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import { type DayLoad, rangeParameters } from '../load/transaction.ts';
import { type Locations, partitionStatements, stands } from './partition-statements.ts';
import { type Statement, statement } from '../data-api/sql.ts';
import { rangeName } from '../data-api/names.ts';

/** The most texts that one call of the Data API takes. */
const mostStatements = 40;

export interface Aimed {
  readonly day: Day;
  readonly load: DayLoad;
}

/**
 * The statements that the partitions want. For a single day it does not look first: what Redshift
 * reads for a look grows with the history, what it does here does not.
 */
export async function missingPartitions(
  aimed: readonly Aimed[],
  api: DataApi,
): Promise<readonly Statement[]> {
  const found = aimed.length === 1 ? undefined : await partitionLocations(aimed, api);
  return partitionStatements(
    aimed.map(({ load }) => load),
    found,
  );
}

/** Outside any transaction, as external DDL must be; safe to repeat. */
export async function pointPartitions(
  aimed: readonly Aimed[],
  statements: readonly Statement[],
  step: string,
  api: DataApi,
): Promise<void> {
  const days = aimed.map(({ day }) => day);
  for (let start = 0; start < statements.length; start += mostStatements) {
    const some = statements.slice(start, start + mostStatements);
    const submission = {
      name: rangeName(days, step),
      statements: some,
      mode: 'AUTO_COMMIT',
    } as const;
    await api.run(submission, days[0]?.log);
  }
}

/** False when another run of the day has pointed one elsewhere meanwhile. */
export async function partitionsStand(aimed: Aimed, api: DataApi): Promise<boolean> {
  return stands(aimed.load, (await partitionLocations([aimed], api)).get(aimed.day.ds));
}

/** By day; asks once for all of them. */
async function partitionLocations(
  aimed: readonly Aimed[],
  api: DataApi,
): Promise<ReadonlyMap<string, Locations>> {
  const days = aimed.map(({ day }) => day);
  const look = {
    name: rangeName(days, 'standing'),
    statements: [statement('partition', 'locations')],
    parameters: rangeParameters(days),
    reads: true,
  };
  const rows = await api.ask(look, aimed[0]?.day.log);
  const at = (table: string) =>
    new Map(
      rows.filter((row) => row['tablename'] === table).map((row) => [row['ds'], row['location']]),
    );
  const purchases = at('user_purchase_staging');
  const reviews = at('movie_review_clean_stage');
  return new Map(
    days.map(({ ds }) => [ds, { purchases: purchases.get(ds), reviews: reviews.get(ds) }]),
  );
}

/** What the stages of `show` need: the day, the number of rows, and where to read. */
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Environment } from '@user-behaviour/shared/runner/config';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { OperatorConfiguration } from '../config.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';

export interface DayLook {
  readonly ds: Ds;
  /** How many rows of each file or table. */
  readonly rows: number;
  readonly configuration: OperatorConfiguration;
  readonly environment: Environment;
  readonly where: Bucket;
}

/** The first rows of the day in a table of the warehouse; `day` is the column that holds the ds. */
export const rowsOfDay = (
  { configuration, ds, rows }: DayLook,
  table: string,
  day: string,
): Promise<Table> =>
  queryWarehouse(
    configuration,
    statement('report', 'rows_of_day', { table, day, rows: String(rows) }),
    { ds },
  );

/** The day's partition of an external table. */
export interface Partition {
  /** Without the schema. */
  readonly table: string;
  /** Ends with a slash. */
  readonly location: string;
}

/** The day's partitions; none before the first load has made the external tables. */
export async function partitionsOfDay({ configuration, ds }: DayLook): Promise<Partition[]> {
  const found = await queryWarehouse(configuration, statement('partition', 'locations'), {
    first_ds: ds,
    last_ds: ds,
  });
  return namedRows(found).map(({ tablename = '', location = '' }) => ({
    table: tablename,
    location: location.replace(/\/?$/, '/'),
  }));
}

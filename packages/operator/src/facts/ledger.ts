/** The warehouse's ledger, for any number of days in one query. */
import { namedRows, type Row } from '@user-behaviour/redshift-load/data-api/result';
import { type Statement, statement } from '@user-behaviour/redshift-load/data-api/sql';
import { foundTables } from '@user-behaviour/redshift-load/tables/found-tables';
import { daysFrom, type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { OperatorConfiguration } from '../config.ts';
import type { Bounds } from './inventory.ts';
import { queryWarehouse } from './warehouse-query.ts';

export interface LedgerRow {
  readonly purchasesRun: string;
  readonly reviewsRun: string;
  readonly rows: number;
  readonly amountSpent: string;
  readonly minQuantity: number;
  /** UTC, as the warehouse writes a timestamp. */
  readonly loadedAt: string;
  /** Null if the ledger does not know with which SQL the day was loaded. */
  readonly loadSql: string | null;
  /** Whether the metric still holds what the ledger says; true where it was not compared. */
  readonly whole: boolean;
  /** Set where the metric was not compared. */
  readonly notCompared?: true;
}

/** Undefined for a time that is not as the warehouse writes it. */
export function loadTime({ loadedAt }: Pick<LedgerRow, 'loadedAt'>): Date | undefined {
  const time = new Date(`${loadedAt.replace(' ', 'T')}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

const table = 'public.user_behavior_metric_load';

/**
 * Days whose rows in the metric are added up and compared with the ledger: the last ones of the range that have been
 * loaded. A history of many years would be read as a whole at each look.
 */
const comparedDays = 366;

/** Empty before the first load has created the tables. Without the metric's table, only days without customers are whole. */
export async function readLedger(
  configuration: OperatorConfiguration,
  { from = '0001-01-01' as Ds, to = '9999-12-31' as Ds }: Bounds,
): Promise<ReadonlyMap<Ds, LedgerRow>> {
  const existing = await queryWarehouse(configuration, statement('ddl', 'metric_tables'));
  const tables = foundTables(namedRows(existing));
  const columns = tables.get(table);
  if (columns === undefined) return new Map();
  const values = columns.has('load_sql') ? {} : { load_sql: 'cast(null as varchar(64))' };
  const read = async (query: Statement, first: Ds) => {
    const days = { first_ds: first, last_ds: to };
    return parseLedger(namedRows(await queryWarehouse(configuration, query, days)));
  };
  const alone = statement('report', 'ledger_without_metric', values);
  if (!tables.has('public.user_behavior_metric')) return read(alone, from);
  const compared = statement('load', 'loaded', values);
  if (daysFrom(from, to, comparedDays + 1).length <= comparedDays) return read(compared, from);
  const rows = await read(alone, from);
  const [first] = [...rows.keys()].sort().slice(-comparedDays);
  if (first === undefined) return rows;
  const last = await read(compared, first);
  return new Map(
    [...rows].map(([ds, row]) => [
      ds,
      last.get(ds) ?? { ...row, whole: true, notCompared: true as const },
    ]),
  );
}

const number = z.string().min(1).pipe(z.coerce.number());
/** A row of sql/warehouse/load/loaded.sql. */
const ledgerRow = z.object({
  ds: z
    .string()
    .transform((text) => text.slice(0, 10))
    .refine(isDs),
  purchases_run: z.string(),
  reviews_run: z.string(),
  metric_rows: number,
  amount_spent: number,
  min_quantity: number,
  loaded_at: z.string(),
  load_sql: z.string().optional(),
  whole: number,
});

/** @throws Failure when a row is not as the query returns it. */
export function parseLedger(rows: readonly Row[]): ReadonlyMap<Ds, LedgerRow> {
  return new Map(
    rows.map((row) => {
      const { data } = ledgerRow.safeParse(row);
      if (data === undefined) {
        throw new Failure('data', `a row of ${table} is not as the loads write them`, {
          action: `look at ${table}: its columns are those of sql/warehouse/ddl and sql/warehouse/migration`,
        });
      }
      return [
        data.ds,
        {
          purchasesRun: data.purchases_run,
          reviewsRun: data.reviews_run,
          rows: data.metric_rows,
          amountSpent: data.amount_spent.toFixed(2),
          minQuantity: data.min_quantity,
          loadedAt: data.loaded_at,
          loadSql: data.load_sql ?? null,
          whole: data.whole === 1,
        },
      ];
    }),
  );
}

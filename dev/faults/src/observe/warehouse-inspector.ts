/** Reads what the jobs leave in the warehouse: slices, ledger and partitions. */
import type { Ds } from '@user-behaviour/shared/ds';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';

interface WarehouseDayState {
  /** Its rows of the metric. */
  readonly slice: readonly string[];
  readonly ledger: readonly (readonly string[])[];
  readonly partitions: readonly (readonly string[])[];
}

export class WarehouseInspector extends WarehouseClient {
  /** The slices of a range of days: day to its rows, as text. */
  async slices(from: Ds, to: Ds): Promise<Map<string, string>> {
    const rows = await this.rows(
      `select insert_date, customerid, amount_spent, review_score, review_count
       from public.user_behavior_metric where insert_date between '${from}' and '${to}'
       order by 1, 2`,
    );
    const slices = Map.groupBy(rows, ([ds]) => String(ds));
    return new Map(
      [...slices].map(([ds, of]) => [ds, JSON.stringify(of.map((row) => row.slice(1)))]),
    );
  }

  /** What a day has become: its rows, its ledger without names and times, where its partitions point. */
  async state(ds: Ds): Promise<WarehouseDayState> {
    const [slices, ledger, partitions] = await Promise.all([
      this.slices(ds, ds),
      this.rows(
        `select purchases_run, purchases_generation, reviews_run, reviews_generation, min_quantity,
                purchase_rows, review_rows, metric_rows, amount_spent, review_score, review_count
         from public.user_behavior_metric_load where ds = '${ds}'`,
      ),
      this.rows(
        `select tablename, location from svv_external_partitions
         where schemaname = 'spectrum' and location like '%/${ds}/%' order by 1`,
      ),
    ]);
    const plain = (row: readonly unknown[]) =>
      row.map((value) => String(value).replaceAll(ds, '{ds}'));
    const slice = JSON.parse(slices.get(ds) ?? '[]') as readonly unknown[];
    return {
      slice: slice.map((row) => JSON.stringify(row)),
      ledger: ledger.map(plain),
      partitions: partitions.map(plain),
    };
  }

  /** Where the external tables' partitions point. */
  async partitions(): Promise<string[]> {
    const rows = await this.rows(
      `select location from svv_external_partitions where schemaname = 'spectrum'`,
    );
    return rows.map(([location]) => String(location));
  }
}

/** What the tests see of the source table. */
import type { TestDatabase } from '@user-behaviour/testkit/servers/database';

/** Every row of the table as the file would hold it, in an order of its own. */
export async function table(database: TestDatabase): Promise<unknown> {
  const [found] = await database.query(
    `select array_agg(array[invoice_number, stock_code, coalesce(detail, ''), quantity::text,
       invoice_date::text, trim_scale(unit_price)::text, coalesce(customer_id::text, ''), country]
       order by user_purchase::text collate "C") as rows from retail.user_purchase`,
  );
  return (found as { rows: unknown }).rows;
}

/** The source table as the tests see it. */
import type { TestDatabase } from '@user-behaviour/testkit/servers/database';

/** All rows with their values as in the file, in a stable order. */
export async function tableRows(database: TestDatabase): Promise<unknown> {
  const [found] = await database.query(
    `select array_agg(array[invoice_number, stock_code, coalesce(detail, ''), quantity::text,
       invoice_date::text, trim_scale(unit_price)::text, coalesce(customer_id::text, ''), country]
       order by user_purchase::text collate "C") as rows from retail.user_purchase`,
  );
  return (found as { rows: unknown }).rows;
}

/** A source whose day is large but cheap to create: a view with rows of about 1 kB. */
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { TestDatabase } from '@user-behaviour/testkit/servers/database';
import { openShop, type Shop } from './shop.ts';

/** Replaces the table by the view. `detail` is SQL, which may sleep or fail at a row `n`. */
export async function createWideView(
  database: TestDatabase,
  rows: number,
  detail = "repeat('y', 950)",
): Promise<void> {
  await database.query(
    `create schema if not exists retail;
     create or replace view retail.user_purchase as
     select 'x'::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
            (${detail})::varchar(1000) as detail, 3 as quantity, timestamp '2010-12-01' as invoice_date,
            1::numeric(8, 3) as unit_price, 1 as customer_id, 'x'::varchar(20) as country
     from generate_series(1, ${String(rows)}) as n`,
  );
}

export async function openWideShop(cloud: TestCloud, rows: number, detail?: string): Promise<Shop> {
  await using stack = new AsyncDisposableStack();
  const shop = stack.use(await openShop(cloud, { table: false }));
  await createWideView(shop.database, rows, detail);
  stack.move();
  return shop;
}

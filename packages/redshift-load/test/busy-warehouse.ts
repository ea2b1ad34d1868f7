/** Keeps the warehouse busy with a long query, so that a load has to wait. */
import type { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';

/** Delays the load after the partitions are set, which leaves time to occupy the warehouse. */
export const delayLoad = (warehouse: WarehouseClient): Promise<void> =>
  warehouse.script(
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 2_000 },
  );

/** Returns the id of a running statement; the caller must cancel it. */
export async function occupy(warehouse: WarehouseClient): Promise<string> {
  const numbers = Array.from({ length: 100 }, (_, n) => `(${n})`).join(', ');
  await warehouse.query('create table if not exists public.hundred (n integer)');
  await warehouse.query(`insert into public.hundred values ${numbers}`);
  const crossed = Array.from('abcdefghijkl', (name) => `public.hundred ${name}`).join(', ');
  return warehouse.submit(
    `select count(*) from ${crossed} where a.n + b.n + c.n + d.n + e.n + f.n + g.n = l.n`,
  );
}

/** A warehouse that is busy with something long, so that a load of a day that stands already waits behind it. */
import type { TestWarehouse } from './warehouse.ts';

/** Has the load come late, once the partitions are set: time to occupy the warehouse before it. */
export const delayLoad = (warehouse: TestWarehouse): Promise<void> =>
  warehouse.script(
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 2_000 },
  );

/** Returns the id of the statement, which nobody waits for: cancel it. */
export async function occupy(warehouse: TestWarehouse): Promise<string> {
  const numbers = Array.from({ length: 100 }, (_, n) => `(${n})`).join(', ');
  await warehouse.query('create table if not exists public.hundred (n integer)');
  await warehouse.query(`insert into public.hundred values ${numbers}`);
  const crossed = Array.from('abcdefghijkl', (name) => `public.hundred ${name}`).join(', ');
  return warehouse.submit(
    `select count(*) from ${crossed} where a.n + b.n + c.n + d.n + e.n + f.n + g.n = l.n`,
  );
}

/** Reads the metric in a loop: each slice must be the old one or the new one (I6). */
import { setTimeout as pause } from 'node:timers/promises';
import type { Ds } from '@user-behaviour/shared/ds';
import type { WarehouseInspector } from './warehouse-inspector.ts';

export interface Reader {
  /** Stops the loop. Returns how often it read, and what it should not have seen. */
  readonly stop: () => Promise<{ readonly reads: number; readonly unexpected: readonly string[] }>;
}

/** `before` and `after` are slices as `WarehouseInspector.slices` returns them; a new slice must stay new. */
export function startReader(
  warehouse: WarehouseInspector,
  days: readonly Ds[],
  { before, after }: { readonly before: string; readonly after: string },
): Reader {
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) throw new Error('a reader needs days');
  const unexpected: string[] = [];
  const renewed = new Set<Ds>();
  let reads = 0;
  let stopped = false;
  const read = async () => {
    while (!stopped) {
      const slices = await warehouse.slices(from, to);
      reads += 1;
      for (const ds of days) {
        const slice = slices.get(ds) ?? 'none';
        if (slice === after) renewed.add(ds);
        else if (slice !== before || renewed.has(ds)) unexpected.push(`${ds}: ${slice}`);
      }
      // This is not a load test of the warehouse.
      await pause(50);
    }
  };
  const reading = read();
  return {
    stop: async () => {
      stopped = true;
      await reading;
      return { reads, unexpected };
    },
  };
}

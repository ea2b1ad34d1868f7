/** An analyst who looks at the metric all the while: each slice is the old one or the new one (I6). */
import { setTimeout as pause } from 'node:timers/promises';
import type { Ds } from '@user-behaviour/shared/ds';
import type { WarehouseInspector } from './warehouse-inspector.ts';

export interface Reader {
  /** Ends the looking. Returns how often it looked, and what it should not have seen. */
  readonly stop: () => Promise<{ readonly looks: number; readonly wrong: readonly string[] }>;
}

/** `before` and `after` are slices as `WarehouseInspector.slices` gives them; once new, a slice stays new. */
export function startReader(
  warehouse: WarehouseInspector,
  days: readonly Ds[],
  { before, after }: { readonly before: string; readonly after: string },
): Reader {
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) throw new Error('a reader without days');
  const wrong: string[] = [];
  const renewed = new Set<Ds>();
  let looks = 0;
  let stopped = false;
  const look = async () => {
    while (!stopped) {
      const slices = await warehouse.slices(from, to);
      looks += 1;
      for (const ds of days) {
        const slice = slices.get(ds) ?? 'none';
        if (slice === after) renewed.add(ds);
        else if (slice !== before || renewed.has(ds)) wrong.push(`${ds}: ${slice}`);
      }
      // Looking is no load test of the warehouse.
      await pause(50);
    }
  };
  const looking = look();
  return {
    stop: async () => {
      stopped = true;
      await looking;
      return { looks, wrong };
    },
  };
}

/** How extract-purchases grows with the rows of a day, and redshift-load with the history behind it. */
import type { Arena, Measured } from '../bench-context.ts';
import { race } from '../candidates/extract-race.ts';
import { extractPurchases, psqlToNull } from '../candidates/own-candidates.ts';
import type { Entry } from '../result.ts';
import { growthDays, growthTable } from '../servers/source-database.ts';
import { measureHistory } from './history.ts';

/** Enough for a curve: each size is a run of its own already. */
const rounds = 3;

export async function measureGrowth(arena: Arena): Promise<Measured> {
  const { connections, hasPsql, settings } = arena;
  const databaseUrl = await growthTable(arena.seeded, settings);
  const contenders = [
    ...(hasPsql ? [psqlToNull] : []),
    ...(connections === undefined
      ? [extractPurchases()]
      : [1, 2].map((count) => extractPurchases({ variable: connections, count }))),
  ];
  const entries: Entry[] = [];
  for (const { ds, rows } of growthDays(settings.LARGEST)) {
    const raced = await race(contenders, {
      ...arena,
      env: arena.extractEnv,
      databaseUrl,
      ds,
      rounds: Math.min(rounds, settings.ROUNDS),
    });
    entries.push(...raced.map((entry) => ({ ...entry, size: rows })));
  }
  const history = await measureHistory(arena);
  return { entries: [...entries, ...history], notes: [] };
}

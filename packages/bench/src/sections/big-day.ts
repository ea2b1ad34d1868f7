/** One ds that holds most of a table of ten million rows. */
import type { Arena, Measured } from '../arena.ts';
import { race } from '../extract-race.ts';
import { extractPurchases, psqlToNull, twoPsqlToNull } from '../own-contenders.ts';
import { bigDay, bigTable } from '../source-database.ts';

export async function measureBigDay(arena: Arena): Promise<Measured> {
  const { connections, hasPsql, peers, settings } = arena;
  const databaseUrl = await bigTable(arena.seeded, settings);
  const ours =
    connections === undefined
      ? [extractPurchases()]
      : [1, 2].map((count) => extractPurchases({ variable: connections, count }));
  const contenders = [...(hasPsql ? [psqlToNull, twoPsqlToNull] : []), ...ours, ...peers];
  const entries = await race(contenders, {
    ...arena,
    env: arena.extractEnv,
    databaseUrl,
    ds: bigDay,
    rounds: settings.ROUNDS,
  });
  return { entries, notes: [] };
}

/** One ds that holds most of a table of ten million rows. */
import type { Arena, Measured } from '../bench-context.ts';
import { race } from '../candidates/extract-race.ts';
import { extractPurchases, psqlToNull, twoPsqlToNull } from '../candidates/own-candidates.ts';
import { bigDay, bigTable } from '../servers/source-database.ts';

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

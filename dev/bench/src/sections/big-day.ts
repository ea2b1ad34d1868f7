/** One ds that holds most of a table of ten million rows. */
import type { BenchContext, Measured } from '../bench-context.ts';
import { race } from '../candidates/extract-race.ts';
import { extractPurchases, psqlToNull, twoPsqlToNull } from '../candidates/own-candidates.ts';
import { bigDay, bigTable } from '../servers/source-database.ts';

export async function measureBigDay(context: BenchContext): Promise<Measured> {
  const { connections, hasPsql, peers, settings } = context;
  const databaseUrl = await bigTable(context.seeded, settings);
  const ours =
    connections === undefined
      ? [extractPurchases()]
      : [1, 2].map((count) => extractPurchases({ variable: connections, count }));
  const candidates = [...(hasPsql ? [psqlToNull, twoPsqlToNull] : []), ...ours, ...peers];
  const entries = await race(candidates, {
    ...context,
    env: context.extractEnv,
    databaseUrl,
    ds: bigDay,
    rounds: settings.ROUNDS,
  });
  return { entries, notes: [] };
}

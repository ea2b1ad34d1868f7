/** One ds with much of a table of ten million rows. */
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { measureCandidates } from '../candidates/measure-candidates.ts';
import { extractPurchases, psqlToNull, twoPsqlToNull } from '../candidates/own-candidates.ts';
import { bigDay, bigTable } from '../servers/source-database.ts';

export async function measureBigDay(context: BenchContext): Promise<SectionResult> {
  const { connections, hasPsql, peers, settings } = context;
  const databaseUrl = await bigTable(context.seeded, settings);
  const ours =
    connections === undefined
      ? [extractPurchases()]
      : [1, 2].map((count) => extractPurchases({ variable: connections, count }));
  const candidates = [...(hasPsql ? [psqlToNull, twoPsqlToNull] : []), ...ours, ...peers];
  const entries = await measureCandidates(candidates, {
    ...context,
    env: context.extractEnv,
    databaseUrl,
    ds: bigDay,
    rounds: settings.ROUNDS,
  });
  return { entries, notes: [] };
}

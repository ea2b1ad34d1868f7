/** How extract-purchases grows with the rows of a day, and redshift-load with the history behind it. */
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { measureCandidates } from '../candidates/measure-candidates.ts';
import { extractPurchases, psqlToNull } from '../candidates/own-candidates.ts';
import type { Entry } from '../result.ts';
import { growthDays, growthTable } from '../servers/source-database.ts';
import { measureHistory } from './history.ts';

/** Enough for a curve: it has one point per size. */
const rounds = 3;

export async function measureGrowth(context: BenchContext): Promise<SectionResult> {
  const { connections, hasPsql, settings } = context;
  const databaseUrl = await growthTable(context.seeded, settings);
  const candidates = [
    ...(hasPsql ? [psqlToNull] : []),
    ...(connections === undefined
      ? [extractPurchases()]
      : [1, 2].map((count) => extractPurchases({ variable: connections, count }))),
  ];
  const entries: Entry[] = [];
  for (const { ds, rows } of growthDays(settings.LARGEST)) {
    const raced = await measureCandidates(candidates, {
      ...context,
      env: context.extractEnv,
      databaseUrl,
      ds,
      rounds: Math.min(rounds, settings.ROUNDS),
    });
    entries.push(...raced.map((entry) => ({ ...entry, size: rows })));
  }
  const history = await context.progress.once('history', () => measureHistory(context));
  return { entries: [...entries, ...history], notes: [] };
}

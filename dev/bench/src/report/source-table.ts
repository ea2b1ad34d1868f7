/** The table of what the jobs cost the shop. */
import { type Measure, measureOf } from '../published/measures.ts';
import type { Figures } from '../published/section-figures.ts';
import { markdownTable } from './markdown-table.ts';

export const sourceText = `A shop makes, corrects and looks up purchases at the source as fast as it can; beside it a job runs again and
again. _tps_ are the shop's transactions a second, and _p99_ is the time within which 99 % of them ended.
_Server CPU_ is that of PostgreSQL for 1,000 transactions, with what the job asks. _Log written_ is the log (WAL)
for each transaction; _log kept_ is the most that the slot of capture has kept.

Time is scaled by 30: capture every 2 s stands for every minute, and every 10 s for every 5 minutes. A slot can
move on after the server has noted its running transactions, here every 0.5 s instead of 15 s. A day and the look
run every 2 s instead of once a day, or one after another if they take longer. The process that asks nothing
shows what a start of a job takes from a shop on the same machine. Debezium Server runs all the time, and saves its
place every 2 s, which stands for every minute. Ratios are medians of the rounds.`;

const shown = ['ratio', 'p99', 'server CPU', 'log written', 'log kept', 'runs'] as const;
const units: Readonly<Record<string, string>> = { p99: ', ms', 'server CPU': ', s' };

const columns = [
  ['beside the shop', 'left'],
  ['runs of the job', 'right'],
  ['tps', 'right'],
  ...shown.map((measure) => [`${measure}${units[measure] ?? ''}`, 'right'] as const),
] as const;

/** The first entry is the shop alone, the base of the ratios. */
export function sourceTable(entries: readonly Figures[]): string {
  return markdownTable(
    columns,
    entries.map((entry) => {
      const of = (measure: Measure) => measureOf(entry, measure) ?? '';
      return [
        entry.kind === 'ours' ? `**${entry.name}**` : entry.name,
        of('runs of the job'),
        `${of('tps')} (${of('tps range')})`,
        ...shown.map(of),
      ];
    }),
  );
}

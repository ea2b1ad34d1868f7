/** The table of what the jobs cost the shop. */
import { median, range } from '../measure/statistics.ts';
import type { Entry, Run } from '../result.ts';
import { bytes, count, times } from './figures.ts';
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

const columns = [
  ['beside the shop', 'left'],
  ['runs of the job', 'right'],
  ['tps', 'right'],
  ['ratio', 'right'],
  ['p99, ms', 'right'],
  ['server CPU, s', 'right'],
  ['log written', 'right'],
  ['log kept', 'right'],
  ['runs', 'right'],
] as const;

/** The first entry is the shop alone, the base of the ratios. */
export function sourceTable(entries: readonly Entry[]): string {
  const tpsOf = ({ runs }: Entry) => valuesOf(runs, ({ shop }) => shop?.tps);
  const alone = entries[0] === undefined ? [] : tpsOf(entries[0]);
  // Of the same round, so that other load on the machine affects both.
  const ratioOf = (tps: readonly number[]) =>
    median(tps.map((value, round) => value / (alone[round] ?? NaN)));
  return markdownTable(
    columns,
    entries.map((entry) => {
      const { name, kind, runs } = entry;
      const of = (value: (run: Run) => number | undefined, show: (value: number) => string) => {
        const values = valuesOf(runs, value);
        return values.length === 0 ? '' : show(median(values));
      };
      const tps = tpsOf(entry);
      const [low, high] = range(tps);
      return [
        kind === 'ours' ? `**${name}**` : name,
        of(({ jobRuns }) => jobRuns, count),
        `${whole(median(tps))} (${whole(low)}–${whole(high)})`,
        times(ratioOf(tps)),
        of(
          ({ shop }) => shop?.p99,
          (value) => value.toFixed(1),
        ),
        of(
          ({ serverCpu, shop }) =>
            serverCpu === undefined || shop === undefined
              ? undefined
              : (serverCpu / shop.transactions) * 1_000,
          (value) => value.toFixed(2),
        ),
        of(
          ({ log }) => log?.written,
          (value) => `${count(Math.round(value))} B`,
        ),
        of(({ log }) => log?.kept, bytes),
        String(runs.length),
      ];
    }),
  );
}

const whole = (value: number): string => count(Math.round(value));

const valuesOf = (runs: readonly Run[], value: (run: Run) => number | undefined): number[] =>
  runs.flatMap((run) => value(run) ?? []);

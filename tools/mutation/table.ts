/** docs/mutations.md: which guard was taken out, and which test noticed. */
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import type { SuiteResult } from './suite.ts';

export type Verdict = 'caught' | 'SURVIVED' | 'SUITE BROKEN';

export interface Outcome extends SuiteResult {
  readonly mutation: Mutation;
  readonly verdict: Verdict;
}

export const judge = (mutation: Mutation, result: SuiteResult): Outcome => ({
  ...result,
  mutation,
  verdict:
    result.failed.length > 0 ? 'caught' : result.broken === undefined ? 'SURVIVED' : 'SUITE BROKEN',
});

const head = `# Mutations

Each row is a guard that \`make -C infra mutation\` took out of a copy of the source, and the suite that
had to turn red. The run makes this table; tools/mutation holds the mutations. A test in tools/ holds
that each of them still fits the source, so that a guard that is changed brings its mutation along.
`;

const cell = (text: string) => text.replaceAll('|', '\\|');

const rowOf = ({ mutation: { guard, file, caughtBy }, verdict, failed: [test] }: Outcome): string =>
  `| ${cell(guard)} | ${file} | ${verdict} | ${caughtBy}${test === undefined ? '' : `: ${cell(test)}`} |`;

/** The cells of the rows of an earlier table, by guard. */
export function rowsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(/(?<!\\)\|/).map((part) => part.trim()));
  return new Map(rows.map((row) => [(row[1] ?? '').replaceAll('\\|', '|'), row]));
}

/** The page, in the order of the mutations; what was not tried now keeps its row of `before`. */
export function table(outcomes: readonly Outcome[], before: string): string {
  const known = rowsOf(before);
  const rows = mutations.flatMap((mutation) => {
    const outcome = outcomes.find((tried) => tried.mutation === mutation);
    const row =
      outcome === undefined ? known.get(mutation.guard)?.join(' | ').trim() : rowOf(outcome);
    return row === undefined ? [] : [row];
  });
  const caught = rows.filter((row) => row.split('|')[3]?.trim() === 'caught').length;
  return [
    head,
    `${String(caught)} of ${String(mutations.length)} caught.\n`,
    '| guard | taken out of | result | by |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

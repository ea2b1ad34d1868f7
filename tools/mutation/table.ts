/** docs/mutations.md: which guard was taken out, and which test noticed. */
import type { Mutation } from './mutation.ts';
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

export function table(outcomes: readonly Outcome[]): string {
  const caught = outcomes.filter(({ verdict }) => verdict === 'caught').length;
  const rows = outcomes.map(
    ({ mutation: { guard, file, caughtBy }, verdict, failed }) =>
      `| ${cell(guard)} | ${file} | ${verdict} | ${caughtBy}${failed[0] === undefined ? '' : `: ${cell(failed[0])}`} |`,
  );
  return [
    head,
    `${String(caught)} of ${String(outcomes.length)} caught.\n`,
    '| guard | taken out of | result | by |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

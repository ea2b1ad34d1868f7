/** The table of a mutation run: which guard was removed, and which test noticed. */
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

const cell = (text: string) => text.replaceAll('|', '\\|');

const row = ({ mutation: { guard, file, caughtBy }, verdict, failed: [test] }: Outcome): string =>
  `| ${cell(guard)} | ${file} | ${verdict} | ${caughtBy}${test === undefined ? '' : `: ${cell(test)}`} |`;

/** Markdown; `summary` says how many mutations were caught. */
export const table = (summary: string, outcomes: readonly Outcome[]): string =>
  [
    `# Mutations\n\n${summary}.\n`,
    '| guard | removed from | result | by |',
    '| --- | --- | --- | --- |',
    ...outcomes.map(row),
    '',
  ].join('\n');

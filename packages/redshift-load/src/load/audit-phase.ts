/** How long the audits of a load took, as Redshift says. Pure. */
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { Phase } from '@user-behaviour/shared/runner/day-record';
import type { Statement } from '../data-api/sql.ts';

/**
 * Audits run between other statements of the transaction: the phase begins with the first of them, and lasts as long
 * as all of them together. Undefined if none has run, or Redshift has not said when.
 */
export function phaseOfAudits(
  statements: readonly Statement[],
  { SubStatements = [] }: Pick<DescribeStatementResponse, 'SubStatements'>,
): Phase | undefined {
  const audits = statements.flatMap(({ kind }, index) => {
    const { Duration, Status, UpdatedAt } = SubStatements[index] ?? {};
    if (kind !== 'audit' || !(Duration !== undefined && Duration > 0)) return [];
    if (UpdatedAt === undefined) return [];
    // Nanoseconds.
    const milliseconds = Duration / 1e6;
    const start = UpdatedAt.getTime() - milliseconds;
    return [{ start, milliseconds, failed: Status === 'FAILED' }];
  });
  const [first] = audits;
  if (first === undefined) return undefined;
  const milliseconds = audits.reduce((sum, one) => sum + one.milliseconds, 0);
  return {
    name: 'audits',
    startedAt: new Date(first.start).toISOString(),
    seconds: Math.round(milliseconds) / 1_000,
    ...(audits.some(({ failed }) => failed) && { failed: true }),
  };
}

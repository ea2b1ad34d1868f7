/** Runs the load of a set of days as one transaction, and says what a failed audit means. */
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { notesOf, type Notes, type Phase } from '@user-behaviour/shared/runner/day-record';
import type { DataApi } from '../data-api/client.ts';
import { rangeName } from '../data-api/names.ts';
import { StatementError } from '../data-api/request.ts';
import type { Row } from '../data-api/result.ts';
import type { Statement } from '../data-api/sql.ts';
import { phaseOfAudits } from '../load/audit-phase.ts';
import { labelled } from '../load/label.ts';
import { noteStatement } from '../load/statement-notes.ts';
import { type LoadSet, loadStatements, parametersOfSet } from '../load/transaction.ts';

/** The summary's row of each day, or why it cannot be fetched: the days have changed all the same. */
type Replaced = { readonly rows: ReadonlyMap<string, Row> } | { readonly error: unknown };

/**
 * Replaces the days of the set, or none of them. What is noted is noted on each of them.
 * @throws StatementError when a statement fails, also for what an audit finds.
 */
export async function replaceDays(set: LoadSet, round: number, api: DataApi): Promise<Replaced> {
  const days = set.map(({ day }) => day);
  const notes = notesOf(days);
  const step = `load-${String(round)}`;
  const name = rangeName(days, step);
  const statements = labelled(name, loadStatements(set.map(({ format }) => format)));
  const parameters = parametersOfSet(set);
  notes.note({ parameters: { loadSql: parameters['load_sql'] } });
  let audits: Phase | undefined;
  const onEnd = (ended: DescribeStatementResponse) => {
    for (const { record } of days) noteStatement(record, step, ended);
    audits = phaseOfAudits(statements, ended) ?? audits;
  };
  try {
    const submission = { name, statements, parameters, phase: notes.phase, onEnd };
    const id = await api.run(submission, set[0].day.log);
    noteAudits(notes, statements);
    const summary = statements.findIndex((one) => one.name === 'summary');
    // At the same time, so that the record costs no round trip.
    const [rows, described] = await Promise.all([
      api.rows(id, summary).catch((error: unknown) => ({ error })),
      api.describe(id),
    ]);
    if (described !== undefined) onEnd(described);
    return 'error' in rows ? rows : { rows: new Map(rows.map((row) => [row['ds'] ?? '', row])) };
  } catch (error) {
    if (error instanceof StatementError && error.finding !== undefined) {
      const failed = statements.findIndex(({ name }) => name === error.statement?.name);
      noteAudits(notes, statements.slice(0, failed));
    }
    throw error;
  } finally {
    if (audits !== undefined) notes.add(audits);
  }
}

/** Notes the audits that held. */
const noteAudits = (notes: Notes, statements: readonly Statement[]): void => {
  notes.note({
    audits: statements.filter(({ kind }) => kind === 'audit').map(({ name }) => name),
  });
};

/** Whether the ledger has a load that was made from newer files. */
export const isNewerLoad = ({ statement, finding }: StatementError): boolean =>
  finding !== undefined && statement?.name === 'moves_forward';

/** The ledger is ahead of the manifests; only an operator can say which of them is right. */
export function newerLoadExists(ds: Ds, error: StatementError): Failure {
  return new Failure(
    'data',
    `the ledger holds a load of ${ds} made from a later generation than the manifests now have; expected manifests to move forward only (${error.finding ?? ''}: ${error.message})`,
    {
      cause: error,
      action: `if the bucket was replaced on purpose, delete the row of ${ds} from public.user_behavior_metric_load and load again`,
    },
  );
}

/** Runs one day's load as one transaction, and says what a failed audit means. */
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Phase } from '@user-behaviour/shared/runner/day-record';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import type { Row } from '../data-api/result.ts';
import { StatementError } from '../data-api/request.ts';
import { statementName } from '../data-api/names.ts';
import { phaseOfAudits } from './audit-phase.ts';
import type { Statement } from '../data-api/sql.ts';
import { labelled } from './label.ts';
import { noteStatement } from './statement-notes.ts';
import type { PlannedLoad } from './transaction.ts';

/** `newer-load-exists`: the ledger has a load made from newer files. `refused`: another audit failed. */
export type Replacement =
  | { readonly is: 'loaded'; readonly row: Row }
  | { readonly is: 'newer-load-exists' | 'refused'; readonly error: StatementError };

/** @throws StatementError when a statement fails for another reason than an audit's finding. */
export async function replaceDay(
  { day, transaction, parameters }: PlannedLoad,
  round: number,
  api: DataApi,
): Promise<Replacement> {
  const step = `load-${String(round)}`;
  const name = statementName(day, step);
  const statements = labelled(name, transaction);
  let audits: Phase | undefined;
  const onEnd = (ended: DescribeStatementResponse) => {
    noteStatement(day.record, step, ended);
    audits = phaseOfAudits(statements, ended) ?? audits;
  };
  try {
    const { phase } = day.record;
    const id = await api.run({ name, statements, parameters, phase, onEnd }, day.log);
    noteAudits(day, statements);
    const summary = statements.findIndex((one) => one.name === 'summary');
    // At the same time, so that the record costs no round trip.
    const [[row = {}], described] = await Promise.all([api.rows(id, summary), api.describe(id)]);
    if (described !== undefined) onEnd(described);
    return { is: 'loaded', row };
  } catch (error) {
    if (!(error instanceof StatementError) || error.finding === undefined) throw error;
    const failed = statements.findIndex((step) => step.name === error.statement?.name);
    noteAudits(day, statements.slice(0, failed));
    const isNewer = error.statement?.name === 'moves_forward';
    return { is: isNewer ? 'newer-load-exists' : 'refused', error };
  } finally {
    if (audits !== undefined) day.record.add(audits);
  }
}

/** Notes the audits that held. */
const noteAudits = ({ record }: Day, statements: readonly Statement[]): void => {
  record.note({
    audits: statements.filter(({ kind }) => kind === 'audit').map(({ name }) => name),
  });
};

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

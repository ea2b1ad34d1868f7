/** The day's load as one transaction, and what its refusals mean. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi, Row } from '../data-api/client.ts';
import { StatementError } from '../data-api/request.ts';
import type { DayLoad } from './transaction.ts';
import { statementName } from '../data-api/names.ts';

/** `newer-stands`: a load made from newer files stands already. `refused`: an audit failed. */
export type Replacement =
  | { readonly is: 'loaded'; readonly row: Row }
  | { readonly is: 'newer-stands' }
  | { readonly is: 'refused'; readonly error: StatementError };

/** A statement that fails and is no audit is thrown on as a StatementError. */
export async function replaceSlice(
  day: Day,
  round: number,
  load: DayLoad,
  api: DataApi,
): Promise<Replacement> {
  const { transaction: statements, parameters } = load;
  try {
    const name = statementName(day, `load-${String(round)}`);
    const id = await api.run({ name, statements, parameters }, day.log);
    const summary = statements.findIndex((step) => step.name === 'summary');
    const [row = {}] = await api.rows(id, summary);
    return { is: 'loaded', row };
  } catch (error) {
    if (!(error instanceof StatementError) || error.statement?.kind !== 'audit') throw error;
    return error.statement.name === 'moves_forward'
      ? { is: 'newer-stands' }
      : { is: 'refused', error };
  }
}

/** The ledger is ahead of the manifests: a person must say which one is right. */
export function newerLoadStands(ds: Ds): Failure {
  return new Failure(
    'data',
    `the ledger holds a load of ${ds} made from a later generation than the manifests now have; expected manifests to move forward only`,
    {
      action: `if the bucket was replaced on purpose, delete the row of ${ds} from public.user_behavior_metric_load and load again`,
    },
  );
}

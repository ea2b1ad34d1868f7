/** What it means for a person that Redshift refused a statement. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { StatementError } from './request.ts';

/** Runs a day's work; a refused statement becomes a data failure that names it. */
export async function explainRefusal<T>(ds: Ds, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StatementError ? refusal(ds, error) : error;
  }
}

function refusal(ds: Ds, cause: StatementError): Failure {
  const { message, statement } = cause;
  if (statement?.kind === 'audit') {
    return new Failure('data', `audit ${statement.name} failed for ${ds}: ${message}`, {
      cause,
      action: `nothing was changed; see sql/warehouse/audit/*_${statement.name}.sql for what must hold`,
    });
  }
  const named = statement === undefined ? 'a statement' : `statement ${statement.name}`;
  return new Failure('data', `${named} failed for ${ds}: ${message}`, {
    cause,
    action:
      'the slice was not changed; look at the statement in sql/warehouse and run the day again',
  });
}

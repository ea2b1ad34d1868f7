/** Turns a failed statement into a failure that says what to do about it. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { StatementError } from './request.ts';

/** A failed statement becomes a failure of its kind that names it; every other error stays as it is. */
export function describeSqlError(ds: Ds, error: unknown): unknown {
  if (!(error instanceof StatementError)) return error;
  const { message, statement, kind, action, finding } = error;
  if (statement !== undefined && finding !== undefined) {
    return new Failure('data', `audit ${statement.name} failed for ${ds}: ${finding}: ${message}`, {
      cause: error,
      action: `nothing was changed; see sql/warehouse/audit/*_${statement.name}.sql for what must hold`,
    });
  }
  const named = statement === undefined ? 'a statement' : `statement ${statement.name}`;
  return new Failure(kind, `${named} failed for ${ds}: ${message}`, { cause: error, action });
}

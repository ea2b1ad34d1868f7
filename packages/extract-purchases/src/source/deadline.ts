/**
 * What the source must have ended by now. PostgreSQL ends each statement at `statement_timeout`
 * and says so; where even that does not arrive, the server or the way to it is gone without a word.
 */
import { startDeadline, withDeadline } from '@user-behaviour/shared/deadline';
import { Failure } from '@user-behaviour/shared/failure';

/** Milliseconds that the source's own verdict may take to arrive. */
const grace = 5_000;

/** Milliseconds from the start of a statement; undefined where the source sets no limit. */
export const overdueAfter = (statementTimeout: number): number | undefined =>
  statementTimeout === 0 ? undefined : statementTimeout + grace;

const overdue = (doing: string, limit: number): Failure =>
  new Failure('transient', `could not ${doing}: no answer within ${String(limit / 1_000)} s`, {
    action: 'check that the source is up and can be reached, then run the day again',
  });

/** Calls `giveUp` with the failure once the limit has passed; not when it was disposed of before. */
export function watch(
  doing: string,
  limit: number | undefined,
  giveUp: (failure: Failure) => void,
): Disposable {
  return startDeadline(limit, () => {
    giveUp(overdue(doing, limit ?? 0));
  });
}

/** The call's result, or a transient failure once the limit has passed. */
export const inTime = <T>(
  doing: string,
  limit: number | undefined,
  call: () => Promise<T>,
): Promise<T> => withDeadline(limit, () => overdue(doing, limit ?? 0), call);

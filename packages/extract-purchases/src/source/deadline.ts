/**
 * Client-side deadlines for statements at the source. PostgreSQL itself ends a statement at
 * `statement_timeout` and reports it. If that report does not arrive, the server or the network is gone.
 */
import { Failure } from '@user-behaviour/shared/failure';

/** Milliseconds that PostgreSQL's own report of a timeout may take to arrive. */
const grace = 5_000;

/** Milliseconds that a statement may take, or undefined if the source sets no limit (0). */
export const statementDeadline = (statementTimeout: number): number | undefined =>
  statementTimeout === 0 ? undefined : statementTimeout + grace;

/**
 * Returns the call's result. `doing` completes "could not …" in the failure's message.
 * @throws a transient failure after `limit` milliseconds; the call itself continues.
 */
export async function withDeadline<T>(
  doing: string,
  limit: number | undefined,
  call: () => Promise<T>,
): Promise<T> {
  if (limit === undefined) return call();
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    expired.reject(
      new Failure('transient', `could not ${doing}: no answer within ${String(limit / 1_000)} s`, {
        action: 'check that the source is up and reachable, then run the day again',
      }),
    );
  }, limit);
  try {
    return await Promise.race([call(), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}

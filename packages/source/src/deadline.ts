/**
 * Client-side deadlines for statements at the source. PostgreSQL itself ends a statement at
 * `statement_timeout` and reports it. If that report does not arrive, the server or the network is gone.
 */
import { withDeadline } from '@user-behaviour/shared/deadline';
import { Failure } from '@user-behaviour/shared/failure';

/** Milliseconds that PostgreSQL's own report of a timeout may take to arrive. */
const grace = 5_000;

/** Returns the milliseconds that a statement may take. */
export const statementDeadline = (statementTimeout: number): number => statementTimeout + grace;

/**
 * Returns the call's result. `doing` completes "could not …" in the failure's message.
 * @throws a transient failure after `deadline` milliseconds; the call itself continues.
 */
export const withStatementDeadline = <T>(
  doing: string,
  deadline: number | undefined,
  call: () => Promise<T>,
): Promise<T> =>
  withDeadline(
    deadline,
    () => {
      const seconds = String((deadline ?? 0) / 1_000);
      return new Failure('transient', `could not ${doing}: no answer within ${seconds} s`, {
        action: 'check that the source is up and reachable, then run the day again',
      });
    },
    call,
  );

/** Checks before the first run whether every dependency and permission of a job works. */
import { withDeadline } from '../deadline.ts';
import { asFailure, Failure, mostSevere } from '../failure.ts';

export interface HealthCheck {
  /** e.g. `bucket: conditional write`. */
  readonly name: string;
  /** Throws a Failure whose action says what to fix. */
  readonly run: () => Promise<CheckResult>;
}

export interface CheckResult {
  readonly found: string;
  /** An improvement that is not required to run the job. */
  readonly advice?: string | undefined;
}

export interface HealthChecks extends AsyncDisposable {
  readonly checks: readonly HealthCheck[];
}

/** One line of JSON on stdout. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'FAIL';
  readonly found: string;
  readonly action?: string;
  readonly exit: number;
}

/** Timeout of one check in milliseconds. */
const timeout = 60_000;

/** Milliseconds after which the checks of a process have ended: more than all their timeouts. */
const longest = 10 * timeout;

/** Whether a probe of this time was left by a check that was killed. One from the future is, too. */
export const isAbandoned = (made: number, now: number): boolean => Math.abs(now - made) > longest;

/** Runs every check, even after failures. Returns the exit code of the most severe failure. */
export async function runChecks(
  checks: readonly HealthCheck[],
  onFinding: (finding: Finding) => void,
): Promise<number> {
  const failures: Failure[] = [];
  for (const { name: check, run } of checks) {
    try {
      const { found, advice } = await withDeadline(timeout, noAnswer, run);
      onFinding(
        advice === undefined
          ? { check, result: 'ok', found, exit: 0 }
          : { check, result: 'warn', found, action: advice, exit: 0 },
      );
    } catch (error) {
      const failure = asFailure(error);
      failures.push(failure);
      const { message: found, action, exit } = failure;
      onFinding({ check, result: 'FAIL', found, action, exit });
    }
  }
  return mostSevere(failures)?.exit ?? 0;
}

const noAnswer = (): Failure =>
  new Failure('transient', `no answer within ${String(timeout / 1_000)} s`, {
    action: 'check that this host can reach the service',
  });

/** Runs the check, then removes what it created. If both fail, the check's failure is thrown. */
export async function withCleanup<T>(
  check: () => Promise<T>,
  cleanUp: () => Promise<unknown>,
): Promise<T> {
  const result = await check().catch(async (error: unknown) => {
    await cleanUp().catch(() => undefined);
    throw error;
  });
  await cleanUp();
  return result;
}

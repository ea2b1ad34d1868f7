/** What a job can find out before its first run: every dependency and permission, each looked at for itself. */
import { withDeadline } from '../deadline.ts';
import { asFailure, Failure, mostSevere } from '../failure.ts';

export interface Check {
  /** e.g. `bucket: conditional write`. */
  readonly name: string;
  /** Fails with a Failure, whose action says what to mend. */
  readonly look: () => Promise<Seen>;
}

export interface Seen {
  readonly found: string;
  /** What to do about it, though the job would run. */
  readonly advice?: string | undefined;
}

export interface Checkup extends AsyncDisposable {
  readonly checks: readonly Check[];
}

/** One line of JSON on stdout. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'FAIL';
  readonly found: string;
  readonly action?: string;
  readonly exit: number;
}

/** Milliseconds that one look may take. */
const patience = 60_000;

/** Does every check, whatever the others find; returns the exit code of the most severe failure. */
export async function runChecks(
  checks: readonly Check[],
  tell: (finding: Finding) => void,
): Promise<number> {
  const failures: Failure[] = [];
  for (const { name, look } of checks) {
    try {
      const { found, advice } = await withDeadline(patience, timeout, look);
      const head = { check: name, found, exit: 0 };
      tell(
        advice === undefined
          ? { ...head, result: 'ok' }
          : { ...head, result: 'warn', action: advice },
      );
    } catch (error) {
      const failure = asFailure(error);
      failures.push(failure);
      const { message: found, action, exit } = failure;
      tell({ check: name, result: 'FAIL', found, action, exit });
    }
  }
  return mostSevere(failures)?.exit ?? 0;
}

const timeout = (): Failure =>
  new Failure('transient', `no answer within ${String(patience / 1_000)} s`, {
    action: 'check that the service can be reached from here',
  });

/** Undoes what a look has made, whatever came of it. Where both fail, the look's failure is the one to mend. */
export async function undoneAfter<T>(
  look: () => Promise<T>,
  undo: () => Promise<unknown>,
): Promise<T> {
  const seen = await look().catch(async (error: unknown) => {
    await undo().catch(() => undefined);
    throw error;
  });
  await undo();
  return seen;
}

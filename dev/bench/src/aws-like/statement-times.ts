/** When statements end that take as long as in Redshift. Milliseconds since 1970. */
import { loadsDays, statementsTime, takesLock } from './latencies.ts';

interface Submitted {
  readonly from: number;
  readonly time: number;
  readonly locks: boolean;
  end?: number;
}

export class StatementTimes {
  readonly #statements = new Map<string, Submitted>();
  /** When the lock is free again. */
  #free = 0;

  /** Whether it loads days and is not known yet. Submitting it again, with its token, gives the same id. */
  submit(id: string, from: number, sqls: readonly string[]): boolean {
    if (this.#statements.has(id)) return false;
    this.#statements.set(id, { from, time: statementsTime(sqls), locks: takesLock(sqls) });
    return loadsDays(sqls);
  }

  /**
   * Takes note of the end in the local warehouse, of which the first counts, and returns the end in Redshift.
   * One that takes the lock starts when the one before has ended.
   */
  end(id: string, local: number): number {
    const statement = this.#statements.get(id);
    if (statement === undefined) return local;
    if (statement.end === undefined) {
      const ready = statement.locks ? Math.max(local, this.#free) : local;
      statement.end = ready + statement.time;
      if (statement.locks) this.#free = statement.end;
    }
    return statement.end;
  }

  /** From the submission on. */
  startOf(id: string): number | undefined {
    return this.#statements.get(id)?.from;
  }
}

/** When statements end that take as long as in Redshift. Milliseconds since 1970. */
import { statementsTime, takesLock } from './latencies.ts';

interface Submitted {
  readonly from: number;
  readonly time: number;
  readonly isLoad: boolean;
  end?: number;
}

export class StatementTimes {
  readonly #statements = new Map<string, Submitted>();
  /** When the last load lets the next one in. */
  #free = 0;

  /** Whether it is a load that is not known yet. Submitting it again, with its token, gives the same id. */
  submit(id: string, from: number, sqls: readonly string[]): boolean {
    if (this.#statements.has(id)) return false;
    const isLoad = takesLock(sqls);
    this.#statements.set(id, { from, time: statementsTime(sqls), isLoad });
    return isLoad;
  }

  /**
   * Takes note of the end in the local warehouse, of which the first counts, and returns the end in Redshift.
   * A load starts when the one before has ended.
   */
  end(id: string, local: number): number {
    const statement = this.#statements.get(id);
    if (statement === undefined) return local;
    if (statement.end === undefined) {
      const ready = statement.isLoad ? Math.max(local, this.#free) : local;
      statement.end = ready + statement.time;
      if (statement.isLoad) this.#free = statement.end;
    }
    return statement.end;
  }

  /** From the submission on. */
  startOf(id: string): number | undefined {
    return this.#statements.get(id)?.from;
  }
}

/** When a session's work is run, and how it is interrupted. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { cancelled, type StatementRunner } from '../statements/statement-runner.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export class SessionTurns {
  readonly #connection: DuckDBConnection;
  readonly #runner: StatementRunner;
  #running: AbortController | undefined;
  #busy = false;
  #cancelled = false;
  #lost = false;

  constructor(connection: DuckDBConnection, runner: StatementRunner) {
    this.#connection = connection;
    this.#runner = runner;
  }

  /** Must be called with true for each message, and with false when ReadyForQuery is sent. */
  setBusy(busy: boolean): void {
    this.#busy = busy;
    if (!busy) this.#cancelled = this.#lost;
  }

  /** Interrupts what the client waits for, if anything. */
  cancel(): void {
    this.#cancelled ||= this.#busy;
    this.#running?.abort(new WarehouseError(cancelled));
  }

  /** The client has gone: nothing more is run. */
  abandon(): void {
    this.#lost = true;
    this.#cancelled = true;
    this.cancel();
  }

  /**
   * Runs the work when the statements before it have ended, of whichever client. If it fails or is cancelled, `undo`
   * follows in the same turn and is not interrupted.
   */
  async take<T>(
    work: (signal: AbortSignal) => Promise<T>,
    undo: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<T> {
    const connection = this.#connection;
    const running = new AbortController();
    const { signal } = running;
    // DuckDB forgets an interrupt that comes just before the statement begins, so it is repeated.
    let interrupts: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', () => {
      connection.interrupt();
      interrupts = setInterval(() => {
        connection.interrupt();
      }, 20);
    });
    const settle = () => {
      this.#running = undefined;
      clearInterval(interrupts);
    };
    this.#running = running;
    try {
      return await this.#runner.turn(async () => {
        if (this.#cancelled) throw new WarehouseError(cancelled);
        try {
          return await work(signal);
        } catch (error) {
          settle();
          await undo();
          throw signal.aborted ? signal.reason : error;
        }
      });
    } finally {
      settle();
    }
  }

  /** The same for the end of a transaction, which is not interrupted. */
  finish<T>(work: () => Promise<T>): Promise<T> {
    return this.#runner.turn(work);
  }
}

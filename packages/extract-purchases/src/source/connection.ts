/** One connection to the source, checked out of the pool for a day. */
import { Failure } from '@user-behaviour/shared/failure';
import type pg from 'pg';
import { CopyOut } from '../copy/copy-protocol.ts';
import type { ConnectionBuffers } from '../upload/connection-buffers.ts';
import type { RangeUpload } from '../upload/range-upload.ts';
import { withStatementDeadline } from '@user-behaviour/source/deadline';
import { attempt, sourceFailure } from '@user-behaviour/source/errors';
import { copyStatement } from './query.ts';
import { beginTransaction, checkBegun, type Transaction } from '@user-behaviour/source/session';

export interface ConnectionOptions {
  /** Milliseconds that a statement may take, or undefined for no limit; see deadline.ts. */
  readonly deadline: number | undefined;
  /** Milliseconds, for the server; 0 for no limit. */
  readonly statementTimeout: number;
  /** Returns the connection's buffers, which outlast its check-out. */
  readonly buffers: () => Promise<ConnectionBuffers>;
  /** Cancels the transaction's query at the server; never throws. */
  readonly cancel: (transaction: Transaction) => Promise<void>;
}

// The running query reports a broken connection. An 'error' event without a listener ends the process.
const ignoreError = () => undefined;

export class SourceConnection {
  readonly #client: pg.PoolClient;
  readonly #options: ConnectionOptions;
  #transaction: Transaction | undefined;

  constructor(client: pg.PoolClient, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    client.on('error', ignoreError);
  }

  /** When the last transaction began, by the clock of its server; ISO 8601. */
  get began(): string | undefined {
    return this.#transaction && `${this.#transaction.began.replace(' ', 'T')}Z`;
  }

  /** `xmin` of the snapshot of the last transaction. */
  get xmin(): string | undefined {
    return this.#transaction?.xmin;
  }

  /** Which server ran the last transaction: behind a pooler it may be another one each time. */
  get server(): string | undefined {
    return this.#transaction?.server;
  }

  /**
   * Begins a transaction as session.ts does, in one snapshot or in one that another connection has exported,
   * and runs the statements in it. Returns a result for each of them.
   * @throws as `query` does, and a configuration failure if the server does not take the settings.
   */
  async openTransaction(
    doing: string,
    sql: string,
    { snapshot, deadline }: { readonly snapshot?: string; readonly deadline?: number } = {},
  ): Promise<readonly pg.QueryResult<Record<string, unknown>>[]> {
    const begin = beginTransaction(this.#options.statementTimeout, snapshot);
    const { transaction, rest } = checkBegun(
      await this.query(doing, `${begin};\n${sql}`, deadline),
    );
    this.#transaction = transaction;
    return rest;
  }

  /**
   * Runs one or more statements and returns a result for each.
   * @throws a Failure whose message starts with "could not" and `doing`.
   */
  async query(
    doing: string,
    sql: string,
    deadline = this.#options.deadline,
  ): Promise<pg.QueryResult<Record<string, unknown>>[]> {
    const result: unknown = await attempt(doing, () =>
      withStatementDeadline(doing, deadline, () => this.#client.query(sql)),
    );
    return (Array.isArray(result) ? result : [result]) as pg.QueryResult<Record<string, unknown>>[];
  }

  /** As `query`; if the signal is aborted, the statement is cancelled at the server. @throws the signal's reason, too. */
  async queryUntil(
    signal: AbortSignal,
    doing: string,
    sql: string,
  ): Promise<pg.QueryResult<Record<string, unknown>>[]> {
    signal.throwIfAborted();
    const onAbort = () => {
      if (this.#transaction !== undefined) void this.#options.cancel(this.#transaction);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.query(doing, sql);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  buffers(): Promise<ConnectionBuffers> {
    return this.#options.buffers();
  }

  /**
   * Copies the query's rows to the target. Returns the sum of the hashes of their records, or undefined if they are
   * no purchases of a day.
   * @throws a data failure if PostgreSQL's row count differs from the rows received, the signal's reason
   * if it is aborted, and otherwise a failure as errors.ts classifies it.
   */
  async copy(query: string, target: RangeUpload, signal: AbortSignal): Promise<bigint | undefined> {
    const doing = 'read the purchases';
    const { scanner } = await this.buffers();
    const { rowCount: rowsBefore, recordSum, unreadableRows } = scanner;
    const copy = new CopyOut(copyStatement(query), scanner, target);
    signal.throwIfAborted();
    const onAbort = () => {
      copy.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#client.query(copy);
      const copied = await withStatementDeadline(doing, this.#options.deadline, () => copy.done);
      const received = scanner.rowCount - rowsBefore;
      if (copied !== received) {
        throw new Failure(
          'data',
          `PostgreSQL copied ${String(copied)} rows, but ${String(received)} rows were received`,
        );
      }
      if (scanner.unreadableRows > unreadableRows) return undefined;
      return BigInt.asUintN(64, scanner.recordSum - recordSum);
    } catch (error) {
      if (copy.isRunning) {
        copy.abort(error);
        // Otherwise PostgreSQL would run the query until its next write fails.
        if (this.#transaction !== undefined) await this.#options.cancel(this.#transaction);
      }
      if (signal.aborted) throw signal.reason;
      throw sourceFailure(doing, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Returns the connection to the pool, which closes it if it is broken. */
  release({ broken }: { readonly broken: boolean }): void {
    this.#client.release(broken);
    if (!broken) this.#client.off('error', ignoreError);
  }
}

/** One connection to the source while a day uses it. */
import { Failure } from '@user-behaviour/shared/failure';
import type pg from 'pg';
import { copyStatement } from './query.ts';
import { CopyOut } from '../copy/copy-protocol.ts';
import { inTime, watch } from './deadline.ts';
import type { Lane, RangeUpload } from '../upload/range-upload.ts';
import { attempt, sourceFailure } from './errors.ts';

export interface ConnectionOptions {
  /** Milliseconds that a statement may take, see deadline.ts. */
  readonly limit: number | undefined;
  /** Its memory, which stays with the connection. */
  readonly lane: () => Promise<Lane>;
  /** Ends the connection's query at the server; never throws. */
  readonly cancel: () => Promise<void>;
}

// Told by the query that it breaks; without a listener it would end the process.
const ignore = () => undefined;

export class SourceConnection {
  readonly #client: pg.PoolClient;
  readonly #options: ConnectionOptions;

  constructor(client: pg.PoolClient, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    client.on('error', ignore);
  }

  /** The results of a text of SQL, one for each of its statements. `doing` is for the failure's message. */
  async query(doing: string, sql: string): Promise<pg.QueryResult<Record<string, unknown>>[]> {
    const result: unknown = await attempt(doing, () =>
      inTime(doing, this.#options.limit, () => this.#client.query(sql)),
    );
    return (Array.isArray(result) ? result : [result]) as pg.QueryResult<Record<string, unknown>>[];
  }

  lane(): Promise<Lane> {
    return this.#options.lane();
  }

  /** Copies what the query gives; PostgreSQL's own count must be that of the rows that went by. */
  async copy(query: string, target: RangeUpload, signal: AbortSignal): Promise<void> {
    const { scanner } = await this.lane();
    const before = scanner.rows;
    const copy = new CopyOut(copyStatement(query), scanner, target);
    signal.throwIfAborted();
    const stop = () => {
      copy.stop(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    const overdue = watch('read the purchases', this.#options.limit, (failure) => {
      copy.stop(failure);
    });
    try {
      this.#client.query(copy);
      const copied = await copy.done;
      const seen = scanner.rows - before;
      if (copied !== seen) {
        throw new Failure(
          'data',
          `PostgreSQL copied ${String(copied)} rows, ${String(seen)} went by in the stream; expected the same`,
        );
      }
    } catch (error) {
      // Nobody reads any more: PostgreSQL would only notice at its next write.
      if (copy.isRunning) await this.#options.cancel();
      if (signal.aborted) throw signal.reason;
      throw sourceFailure('read the purchases', error);
    } finally {
      overdue[Symbol.dispose]();
      signal.removeEventListener('abort', stop);
    }
  }

  release({ broken }: { readonly broken: boolean }): void {
    this.#client.release(broken);
    if (!broken) this.#client.off('error', ignore);
  }
}

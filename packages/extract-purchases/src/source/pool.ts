/** The source database: a bounded pool of connections, and a snapshot for each day. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { withoutRowValues } from '@user-behaviour/shared/redaction/postgres-error';
import { lazily } from '@user-behaviour/shared/lazy';
import type { Log } from '@user-behaviour/shared/runner/log';
import pg from 'pg';
import { createRawSocket } from '../copy/raw-socket.ts';
import { requireReplayed } from '../replica/replay.ts';
import { type ConnectionBuffers, createConnectionBuffers } from '../upload/connection-buffers.ts';
import { partSizes } from '../upload/part-buffers.ts';
import { SourceConnection } from './connection.ts';
import { statementDeadline } from './deadline.ts';
import { attempt } from './errors.ts';
import { sessionOptions } from './session.ts';
import { Snapshot } from './snapshot.ts';
import { beginSnapshot, checkTable, joinSnapshot } from './statements.ts';

export interface SourceOptions {
  readonly connection: pg.ClientConfig;
  /** Largest number of connections at once, for all days together. */
  readonly connections: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export class Source implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #options: SourceOptions;
  /** A failed check is not kept: the next day repeats it. */
  readonly #checkTable = lazily(checkTable);
  readonly #buffers = new WeakMap<pg.PoolClient, Promise<ConnectionBuffers>>();
  #warned = false;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...options.connection,
      // TLS needs an ordinary socket below it.
      ...(options.connection.ssl === false ? { stream: createRawSocket } : {}),
      max: options.connections,
      application_name: 'extract-purchases',
      connectionTimeoutMillis: 15_000,
      // Linux then probes ten times, a second apart, so a host that is gone is noticed within a minute.
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
      options: sessionOptions(options.statementTimeout),
    });
    // The pool replaces an idle connection that breaks. An 'error' event without a listener ends the process.
    this.#pool.on('error', (error) => {
      options.log.warn(`lost an idle connection to the source: ${String(withoutRowValues(error))}`);
    });
  }

  get connections(): number {
    return this.#options.connections;
  }

  /**
   * Opens a snapshot of the source and plans the day's query in it. `overDay` is the day, if it is over: a
   * replica must have replayed all of it.
   * @throws a data failure if the table is not as expected, a transient one if a replica has not replayed
   * the day, and otherwise a failure as errors.ts classifies it.
   */
  async openSnapshot(query: string, overDay: Ds | undefined): Promise<Snapshot> {
    const connection = await this.#connect();
    try {
      const table = await this.#checkTable(connection, query);
      this.#options.signal.throwIfAborted();
      if (overDay !== undefined) await requireReplayed(connection, overDay, this.#options);
      const { estimate, warning } = await beginSnapshot(connection, query, table);
      if (warning !== undefined && !this.#warned) {
        this.#warned = true;
        this.#options.log.warn(warning);
      }
      return new Snapshot({
        connection,
        estimate,
        header: table.header,
        signal: this.#options.signal,
        log: this.#options.log,
        join: (snapshotName) => this.#join(snapshotName),
      });
    } catch (error) {
      connection.release({ broken: true });
      throw error;
    }
  }

  async #connect(): Promise<SourceConnection> {
    const client = await attempt('connect to the source', () => this.#pool.connect());
    return new SourceConnection(client, {
      deadline: statementDeadline(this.#options.statementTimeout),
      buffers: () => this.#buffersOf(client),
      cancel: () => this.#cancel(client),
    });
  }

  /**
   * Opens another connection to the same snapshot if the pool has one to spare and the source accepts it.
   * Otherwise the copy continues with fewer connections, which is only slower.
   */
  async #join(snapshotName: string): Promise<SourceConnection | undefined> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    if (waitingCount > 0 || totalCount - idleCount >= this.#options.connections) return undefined;
    let connection: SourceConnection | undefined;
    try {
      connection = await this.#connect();
      await joinSnapshot(connection, snapshotName);
      return connection;
    } catch (error) {
      connection?.release({ broken: true });
      if (!(error instanceof Failure)) throw error;
      this.#options.log.warn(`copying with fewer connections: ${error.message}`);
      return undefined;
    }
  }

  /** A connection keeps its buffers: its last parts may still be uploading when the next day begins. */
  #buffersOf(client: pg.PoolClient): Promise<ConnectionBuffers> {
    let buffers = this.#buffers.get(client);
    if (buffers === undefined) {
      buffers = createConnectionBuffers(partSizes);
      this.#buffers.set(client, buffers);
    }
    return buffers;
  }

  /**
   * Cancels the client's query over a separate connection, as PostgreSQL requires. A failure is only
   * logged: the server itself ends a query whose client is gone.
   */
  async #cancel(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { processID: number | null };
    const canceller = new pg.Client({
      ...this.#options.connection,
      application_name: 'extract-purchases cancel',
      connectionTimeoutMillis: 3_000,
      query_timeout: 3_000,
    });
    canceller.on('error', () => undefined);
    try {
      await canceller.connect();
      await canceller.query('select pg_cancel_backend($1)', [processID]);
    } catch (error) {
      this.#options.log.warn(
        `could not cancel the query at the source: ${String(withoutRowValues(error))}`,
      );
    } finally {
      await canceller.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

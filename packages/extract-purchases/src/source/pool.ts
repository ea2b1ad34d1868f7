/** The source database: a bounded pool of connections, and a snapshot for each day. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { SourceDigest } from '@user-behaviour/shared/manifest/source-state';
import { withoutRowValues } from '@user-behaviour/shared/redaction/postgres-error';
import { lazily } from '@user-behaviour/shared/lazy';
import type { Log } from '@user-behaviour/shared/runner/log';
import pg from 'pg';
import { createRawSocket } from '../copy/raw-socket.ts';
import { requireReplayed } from '../replica/replay.ts';
import { type ConnectionBuffers, createConnectionBuffers } from '../upload/connection-buffers.ts';
import { partSizes } from '../upload/part-buffers.ts';
import { SourceConnection } from './connection.ts';
import { statementDeadline } from '@user-behaviour/source/deadline';
import { attempt } from '@user-behaviour/source/errors';
import { digestsOf, digestsQuery } from './digests.ts';
import { type DaySelection, purchasesQuery } from './query.ts';
import type { Transaction } from '@user-behaviour/source/session';
import { Snapshot } from './snapshot.ts';
import { beginSnapshot, checkTable, type SourceTable } from './statements.ts';

/** Milliseconds until another connection must have joined; a pooler may have none to spare for minutes. */
const joinDeadline = 15_000;
/** How often a day is begun at a pooler that leads to several servers. */
const rounds = 5;

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
  /** Settles when the connection that was opened before it was needed lies idle in the pool. */
  #ahead: Promise<void> | undefined;
  #isOpening = false;
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
    });
    // The pool replaces an idle connection that breaks. An 'error' event without a listener ends the process.
    this.#pool.on('error', (error) => {
      options.log.warn(`lost an idle connection to the source: ${String(withoutRowValues(error))}`);
    });
  }

  get connections(): number {
    return this.#options.connections;
  }

  /** Opens the first connection for whoever needs one first; a failure is theirs. */
  connectAhead(): void {
    if (this.#pool.totalCount > 0) return;
    this.#isOpening = true;
    // Until it is needed, the pool looks after it: the source may close it.
    this.#ahead = this.#pool
      .connect()
      .then((client) => {
        client.release();
      })
      .finally(() => {
        this.#isOpening = false;
      });
    this.#ahead.catch(() => undefined);
  }

  /**
   * Opens a snapshot of the source and plans the day's query in it. `overDay` is the day, if it is over: a
   * replica must have replayed all of it.
   * @throws a data failure if the table is not as expected, a transient one if a replica has not replayed
   * the day, and otherwise a failure as errors.ts classifies it.
   */
  async openSnapshot(day: DaySelection, overDay: Ds | undefined): Promise<Snapshot> {
    const connection = await this.#connect();
    try {
      const table = await this.#checkTable(connection, day);
      const query = purchasesQuery(day, table.values);
      this.#options.signal.throwIfAborted();
      const { estimate, warning } = await this.#begin(connection, query, table, overDay);
      if (warning !== undefined && !this.#warned) {
        this.#warned = true;
        this.#options.log.warn(warning);
      }
      return new Snapshot({
        connection,
        estimate,
        day,
        table,
        signal: this.#options.signal,
        log: this.#options.log,
        join: (snapshot) => this.#join(snapshot, connection.server),
      });
    } catch (error) {
      connection.release({ broken: true });
      throw error;
    }
  }

  /**
   * Reads all rows from the first day to the last in one scan, and looks up the digest of each. The days are in order.
   * `overDay` as in `openSnapshot`. @throws as `openSnapshot`.
   */
  async digests(
    days: readonly [DaySelection, ...DaySelection[]],
    overDay: Ds | undefined,
  ): Promise<(ds: Ds) => SourceDigest> {
    const { signal } = this.#options;
    const connection = await this.#connect();
    let broken = true;
    try {
      const table = await this.#checkTable(connection, days[0]);
      const query = digestsQuery(days, table.server_version);
      await this.#begin(connection, query, table, overDay);
      const doing = 'take the digests of the days';
      const [found] = await connection.queryUntil(signal, doing, `${query}; commit`);
      broken = false;
      return digestsOf(found?.rows, table.server_version);
    } finally {
      connection.release({ broken });
    }
  }

  /** The server that was asked whether it has replayed the day must be the one that takes the snapshot. */
  async #begin(
    connection: SourceConnection,
    query: string,
    table: SourceTable,
    overDay: Ds | undefined,
  ): ReturnType<typeof beginSnapshot> {
    if (overDay === undefined) return beginSnapshot(connection, query, table);
    for (let round = 0; round < rounds; round += 1) {
      await requireReplayed(connection, overDay, this.#options);
      const asked = connection.server;
      const begun = await beginSnapshot(connection, query, table);
      if (connection.server === asked) return begun;
      await connection.query('leave another server', 'rollback');
    }
    throw new Failure('transient', 'the address of the source leads to another server each time', {
      action: 'let SOURCE_DATABASE_URL name one server, or a pooler in front of one server',
    });
  }

  async #connect(): Promise<SourceConnection> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const client = await attempt('connect to the source', async () => {
      await ahead;
      return this.#pool.connect();
    });
    return new SourceConnection(client, {
      deadline: statementDeadline(this.#options.statementTimeout),
      statementTimeout: this.#options.statementTimeout,
      buffers: () => this.#buffersOf(client),
      cancel: (transaction) => this.#cancel(transaction),
    });
  }

  /**
   * Opens another connection to the same snapshot if the pool has one to spare and the source accepts it.
   * Otherwise the copy continues with fewer connections, which is only slower.
   */
  async #join(snapshot: string, server: string | undefined): Promise<SourceConnection | undefined> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    if (waitingCount > 0 || totalCount - idleCount >= this.#options.connections) return undefined;
    let connection: SourceConnection | undefined;
    try {
      connection = await this.#connect();
      const doing = 'join the snapshot at the source';
      await connection.openTransaction(doing, '', { snapshot, deadline: joinDeadline });
      // The name of a snapshot means nothing on another server.
      if (connection.server === server) return connection;
      throw new Failure('transient', `could not ${doing}: it is on another server`);
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
   * Cancels the transaction's query over a separate connection, as PostgreSQL requires. A failure is only
   * logged: the server itself ends a query whose client is gone. Only that transaction: a pooler may have
   * given its process to another one, or lead to another server.
   */
  async #cancel({ pid, began }: Transaction): Promise<void> {
    const canceller = new pg.Client({
      ...this.#options.connection,
      application_name: 'extract-purchases cancel',
      connectionTimeoutMillis: 3_000,
      query_timeout: 3_000,
    });
    canceller.on('error', () => undefined);
    try {
      await canceller.connect();
      await canceller.query(
        `select pg_cancel_backend(pid) from pg_stat_activity
         where pid = $1 and to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') = $2`,
        [pid, began],
      );
    } catch (error) {
      this.#options.log.warn(
        `could not cancel the query at the source: ${String(withoutRowValues(error))}`,
      );
    } finally {
      await canceller.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#pool.end();
    // It would wait for a connection that nobody needs any more.
    if (!this.#isOpening) await ended;
  }
}

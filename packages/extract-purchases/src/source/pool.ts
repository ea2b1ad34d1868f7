/** The source database: a bounded number of connections, and a snapshot of it for each day. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import pg from 'pg';
import { overdueAfter } from './deadline.ts';
import { PartRing, partSizes } from '../upload/part-buffers.ts';
import type { Lane } from '../upload/range-upload.ts';
import { SourceConnection } from './connection.ts';
import { attempt } from './errors.ts';
import { beginDay, checkTable, joinSnapshot, type TableFacts } from './statements.ts';
import { Snapshot } from './snapshot.ts';
import { CsvScanner } from '../copy/csv-scanner.ts';
import { tappableSocket } from '../copy/raw-socket.ts';

export interface SourceOptions {
  readonly connection: pg.ClientConfig;
  /** At most so many at once, for all days together. */
  readonly connections: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export class Source implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #options: SourceOptions;
  #table: Promise<TableFacts> | undefined;
  readonly #lanes = new WeakMap<pg.PoolClient, Promise<Lane>>();
  #warned = false;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...options.connection,
      // TLS is laid over an ordinary socket.
      ...(options.connection.ssl === false ? { stream: tappableSocket } : {}),
      max: options.connections,
      application_name: 'extract-purchases',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      // Linux then asks ten times, a second apart: a host that vanished is noticed within a minute.
      keepAliveInitialDelayMillis: 30_000,
      options: [
        '-c default_transaction_read_only=on',
        `-c statement_timeout=${String(options.statementTimeout)}`,
        // Between two ranges a connection may wait for another one's range, or for S3.
        `-c idle_in_transaction_session_timeout=${String(options.statementTimeout)}`,
        // The text of the file must not depend on how the server is set up.
        '-c timezone=UTC -c datestyle=ISO -c client_encoding=UTF8',
        // A scan that begins anywhere, or in several workers, would make equal days unequal files.
        '-c synchronize_seqscans=off -c max_parallel_workers_per_gather=0',
      ].join(' '),
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    this.#pool.on('error', (error) => {
      options.log.warn(`idle connection lost: ${error.message}`);
    });
  }

  get connections(): number {
    return this.#options.connections;
  }

  /** A snapshot of the source for the day's query, after the table has been found to be as expected. */
  async snapshot(query: string): Promise<Snapshot> {
    const connection = await this.#connect();
    try {
      const table = await (this.#table ??= checkTable(connection, query));
      this.#options.signal.throwIfAborted();
      const { facts, warning } = await beginDay(connection, query, table);
      if (warning !== undefined && !this.#warned) {
        this.#warned = true;
        this.#options.log.warn(warning);
      }
      return new Snapshot({
        connection,
        facts,
        header: table.header,
        signal: this.#options.signal,
        log: this.#options.log,
        join: (name) => this.#join(name),
      });
    } catch (error) {
      connection.release({ broken: true });
      throw error;
    }
  }

  async #connect(): Promise<SourceConnection> {
    const client = await attempt('connect to the source', () => this.#pool.connect());
    return new SourceConnection(client, {
      limit: overdueAfter(this.#options.statementTimeout),
      lane: () => this.#laneOf(client),
      cancel: () => this.#cancel(client),
    });
  }

  /**
   * One more connection with the same snapshot, where the limit leaves one and the source has one:
   * a copy with fewer connections is slower and no worse.
   */
  async #join(name: string): Promise<SourceConnection | undefined> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    if (waitingCount > 0 || totalCount - idleCount >= this.#options.connections) return undefined;
    let connection: SourceConnection | undefined;
    try {
      connection = await this.#connect();
      await joinSnapshot(connection, name);
      return connection;
    } catch (error) {
      connection?.release({ broken: true });
      if (!(error instanceof Failure)) throw error;
      this.#options.log.warn(`copying with fewer connections: ${error.message}`);
      return undefined;
    }
  }

  /** Made when first needed, and kept with its connection: the last parts may be on their way when the next day begins. */
  #laneOf(client: pg.PoolClient): Promise<Lane> {
    let lane = this.#lanes.get(client);
    if (lane === undefined) {
      lane = CsvScanner.create(PartRing.memory(partSizes)).then((scanner) => ({
        scanner,
        ring: new PartRing(scanner.bytes, scanner.outputAt, partSizes),
      }));
      this.#lanes.set(client, lane);
    }
    return lane;
  }

  /** Over a second connection, as PostgreSQL wants it; best effort, for the server also ends a query whose reader is gone. */
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
      this.#options.log.warn(`could not cancel the query at the source: ${String(error)}`);
    } finally {
      await canceller.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

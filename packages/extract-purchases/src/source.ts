/** The source database: every statement that the job sends to it. */
import { asset } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/log';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { copyStatement } from './copy-query.ts';
import { planWarning } from './query-plan.ts';
import { RowCounter } from './row-counter.ts';
import { sourceFailure } from './source-failure.ts';
import { checkColumns } from './table-contract.ts';

export interface SourceOptions {
  readonly connection: pg.ClientConfig;
  readonly connections: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const columns = z.array(z.object({ name: z.string(), type: z.string() }));
const estimate = z.array(z.object({ rows: z.number() }));

/**
 * The server itself looks whether its reader is still there: a query of a killed job ends within
 * seconds, however long it would run. PostgreSQL 14 and newer; older ones have no such setting.
 */
const beginSnapshot = `begin isolation level repeatable read read only;
  select set_config(name, '5s', true) from pg_settings where name = 'client_connection_check_interval'`;

export class Source implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #options: SourceOptions;
  #checked: Promise<void> | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...options.connection,
      max: options.connections,
      application_name: 'extract-purchases',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      options: [
        '-c default_transaction_read_only=on',
        `-c statement_timeout=${String(options.statementTimeout)}`,
        '-c idle_in_transaction_session_timeout=60000',
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

  /**
   * The bytes of the day's CSV, header first. After the last one, PostgreSQL's own count has been
   * compared with the rows that went by; `counter` holds them.
   */
  async *copy(query: string, counter: RowCounter): AsyncGenerator<Uint8Array, void> {
    const client = await this.#attempt('connect to the source', () => this.#pool.connect());
    const { signal } = this.#options;
    // Told by the query that it breaks; without a listener it would end the process.
    const ignore = () => undefined;
    client.on('error', ignore);
    let cancelled: Promise<void> | undefined;
    const stop = () => {
      cancelled ??= this.#cancel(client);
    };
    let copying = false;
    let broken = true;
    try {
      await (this.#checked ??= this.#check(client, query));
      await this.#attempt('begin at the source', () => client.query(beginSnapshot));
      signal.throwIfAborted();
      signal.addEventListener('abort', stop, { once: true });
      const stream = client.query(copyTo(copyStatement(query)));
      copying = true;
      try {
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          counter.push(chunk);
          yield chunk;
        }
      } catch (error) {
        copying = false;
        throw sourceFailure('read the purchases', error);
      }
      copying = false;
      await this.#attempt('end the transaction at the source', () => client.query('commit'));
      if (stream.rowCount !== counter.rows) {
        throw new Failure(
          'data',
          `PostgreSQL copied ${String(stream.rowCount)} rows, ${String(counter.rows)} went by in the stream; expected the same`,
        );
      }
      broken = false;
    } finally {
      signal.removeEventListener('abort', stop);
      // The reader went away in the middle: PostgreSQL would only notice at its next write.
      if (copying) stop();
      await cancelled;
      client.release(broken);
      if (!broken) client.off('error', ignore);
    }
  }

  async #check(client: pg.PoolClient, query: string): Promise<void> {
    await this.#attempt('check the table at the source', async () => {
      const found = await client.query(asset('sql/source/extract/columns.sql'));
      checkColumns(columns.parse(found.rows));
      const size = await client.query(
        "select reltuples::float8 as rows from pg_class where oid = to_regclass('retail.user_purchase')",
      );
      const explanation = await client.query<{ 'QUERY PLAN': unknown }>(
        `explain (format json) ${query}`,
      );
      const warning = planWarning(
        explanation.rows[0]?.['QUERY PLAN'],
        estimate.parse(size.rows)[0]?.rows ?? 0,
      );
      if (warning !== undefined) this.#options.log.warn(warning);
    });
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

  async #attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw sourceFailure(doing, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

/** Runs statements one at a time, in order of arrival. */
import { EventEmitter, once } from 'node:events';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Fault } from '@user-behaviour/local-cloud/endpoint/fault-script';
import { toWarehouseError } from '../warehouse/duckdb-errors.ts';
import type { SpectrumSource } from '../external/external-view.ts';
import type { ResultStore } from './result-store.ts';
import { runPart } from './run-statement.ts';
import {
  endUnfinished,
  isOver,
  moveTo,
  type PartRecord,
  type StatementRecord,
} from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface RunnerDependencies {
  readonly warehouse: Warehouse;
  readonly database: string;
  readonly store: StatementStore;
  readonly results: ResultStore;
  readonly source: SpectrumSource;
  readonly onBug: (error: unknown) => void;
}

export const cancelled = 'Query cancelled on user request';

export class StatementRunner {
  readonly #dependencies: RunnerDependencies;
  readonly #ends = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  readonly #cancels = new Map<string, AbortController>();
  /** The scripted failures of statements. */
  readonly #failures = new Map<string, WarehouseError>();
  #queue: Promise<void> = Promise.resolve();
  #connection: DuckDBConnection | undefined;
  #closing = false;

  constructor(dependencies: RunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Queues a statement that is already in the store. */
  submit(record: StatementRecord, fault?: Fault): void {
    this.#cancels.set(record.id, new AbortController());
    if (fault?.kind === 'fail') this.#failures.set(record.id, new WarehouseError(fault.message));
    const enqueue = () => {
      this.#queue = this.#queue.then(() => this.#process(record));
    };
    if (fault?.kind === 'hold') setTimeout(enqueue, fault.milliseconds).unref();
    else enqueue();
  }

  /** Waits until the statement ends, for at most `milliseconds`, or until the caller disconnects. */
  async wait(record: StatementRecord, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (isOver(record.status) || milliseconds <= 0) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
    // The limit is not an error: the caller gets the current state.
    await once(this.#ends, record.id, { signal: limit }).catch(() => undefined);
  }

  /** Requests cancellation. False if the statement has already ended. */
  async cancel(record: StatementRecord): Promise<boolean> {
    const controller = this.#cancels.get(record.id);
    if (isOver(record.status) || controller === undefined) return false;
    controller.abort(new WarehouseError(cancelled));
    if (record.status === 'SUBMITTED') {
      endUnfinished(record, 'ABORTED', Date.now(), cancelled);
      await this.#dependencies.store.save(record);
      this.#ends.emit(record.id);
    } else this.#connection?.interrupt();
    return true;
  }

  /** Runs a session's work when everything that was queued before it has ended. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      try {
        return await work();
      } finally {
        await this.#refresh();
        await this.#dependencies.source.cache.trim();
      }
    });
    const settled = () => undefined;
    this.#queue = turn.then(settled, settled);
    return turn;
  }

  /** Interrupts the running statement like a kill; the next start sets it to FAILED. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = new WarehouseError(cancelled);
    for (const controller of this.#cancels.values()) controller.abort(reason);
    this.#connection?.interrupt();
    await this.#queue;
  }

  async #process(record: StatementRecord): Promise<void> {
    const signal = this.#cancels.get(record.id)?.signal ?? AbortSignal.abort();
    if (!this.#closing && !isOver(record.status)) {
      try {
        await this.#run(record, signal);
        await this.#dependencies.source.cache.trim();
      } catch (error) {
        this.#dependencies.onBug(error);
        // Callers must not wait forever; the next start corrects the state.
        const { text } = toWarehouseError(error);
        endUnfinished(record, 'FAILED', Date.now(), text);
      }
    }
    this.#cancels.delete(record.id);
    this.#failures.delete(record.id);
    this.#ends.emit(record.id);
  }

  async #run(record: StatementRecord, signal: AbortSignal): Promise<void> {
    const { warehouse } = this.#dependencies;
    // Not saved: after a kill, every unfinished statement is FAILED, whether it had started or not.
    moveTo(record, 'STARTED', Date.now());
    const connection = await warehouse.connect();
    this.#connection = connection;
    try {
      if (record.executionMode === 'TRANSACTION')
        await this.#runAsTransaction(record, connection, signal);
      else await this.#runAutoCommit(record, connection, signal);
    } finally {
      this.#connection = undefined;
      connection.closeSync();
      await this.#refresh();
    }
  }

  /** Reads the external tables again, if they may have changed. */
  async #refresh(): Promise<void> {
    const { warehouse, source } = this.#dependencies;
    if (!source.catalog.changed) return;
    const fresh = await warehouse.connect();
    await source.catalog.reload(fresh);
    fresh.closeSync();
  }

  /** One transaction that includes the state FINISHED, so that a kill leaves both or neither. */
  async #runAsTransaction(
    record: StatementRecord,
    connection: DuckDBConnection,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#dependencies;
    try {
      await connection.run('begin');
      for (const part of record.parts) await this.#runPart(record, part, connection, signal);
      signal.throwIfAborted();
      const finished = structuredClone(record);
      moveTo(finished, 'FINISHED', Date.now());
      await store.save(finished, connection);
      await connection.run('commit');
      moveTo(record, 'FINISHED', finished.updatedAt);
    } catch (error) {
      await connection.run('rollback').catch(() => undefined);
      await this.#recordFailure(record, error, signal);
    }
  }

  /** Runs each text in a separate transaction; a failure does not stop the others. */
  async #runAutoCommit(
    record: StatementRecord,
    connection: DuckDBConnection,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, source } = this.#dependencies;
    let failed: string | undefined;
    for (const [index, part] of record.parts.entries()) {
      try {
        await connection.run('begin');
        await this.#runPart(record, part, connection, signal);
        signal.throwIfAborted();
        await store.save(record, connection);
        await connection.run('commit');
      } catch (error) {
        await connection.run('rollback').catch(() => undefined);
        if (signal.aborted) return this.#recordFailure(record, error, signal);
        const { text } = toWarehouseError(error);
        moveTo(part, 'FAILED', Date.now(), text);
        failed ??= `Query #${index + 1} failed with ${text}`;
      }
      await source.catalog.reload(connection);
    }
    moveTo(record, failed === undefined ? 'FINISHED' : 'FAILED', Date.now(), failed);
    await store.save(record);
  }

  async #runPart(
    record: StatementRecord,
    part: PartRecord,
    connection: DuckDBConnection,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const { source, results, store, database } = this.#dependencies;
    if (record.database !== database) {
      throw new WarehouseError(`database "${record.database}" does not exist`);
    }
    const start = process.hrtime.bigint();
    const inTransaction = record.batch && record.executionMode === 'TRANSACTION';
    moveTo(part, 'STARTED', Date.now());
    const resultId = `${record.id}:${record.parts.indexOf(part) + 1}`;
    try {
      const outcome = await runPart(part.sql, resultId, {
        connection,
        source,
        results,
        parameters: record.parameters,
        inTransaction,
        records: () => store.list(),
        onScan: (scan) => {
          part.scans = [...(part.scans ?? []), scan];
        },
        signal,
      });
      part.resultRows = outcome.rows;
      part.resultSize = outcome.bytes;
      if (outcome.columns !== undefined) part.columns = outcome.columns;
      const failure = this.#failures.get(record.id);
      if (failure !== undefined && part === record.parts.at(-1)) throw failure;
    } finally {
      part.duration = Number(process.hrtime.bigint() - start);
    }
    // Final for AUTO_COMMIT; otherwise the state of the whole statement counts.
    moveTo(part, 'FINISHED', Date.now());
  }

  async #recordFailure(
    record: StatementRecord,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#closing) return;
    if (signal.aborted) endUnfinished(record, 'ABORTED', Date.now(), cancelled);
    else {
      const at = record.parts.findIndex((part) => !isOver(part.status));
      const { text } = toWarehouseError(error);
      endUnfinished(record, 'FAILED', Date.now(), text);
      if (record.batch && at !== -1) record.error = `Query #${at + 1} failed with ${text}`;
    }
    await this.#dependencies.store.save(record);
  }
}

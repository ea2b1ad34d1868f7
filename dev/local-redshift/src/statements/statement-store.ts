/** Stores statement records in the warehouse, so that a statement and its state commit together. */
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  endUnfinished,
  isOver,
  recordLifetime,
  tokenLifetime,
  type StatementRecord,
} from './statement-record.ts';

/** The error of a statement that was unfinished when the endpoint ended. */
const interruptedByRestart = 'ERROR: the warehouse was restarted while the statement was running';

export class StatementStore {
  readonly #connection: DuckDBConnection;
  readonly #records = new Map<string, StatementRecord>();
  /** The latest statement of each token. */
  readonly #tokens = new Map<string, StatementRecord>();

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Loads the records. Sets unfinished statements to FAILED: their transactions ended with the process. */
  static async open(connection: DuckDBConnection, now: number): Promise<StatementStore> {
    const store = new StatementStore(connection);
    await connection.run(
      `delete from warehouse.statement where cast(record ->> '$.createdAt' as bigint) < ${now - recordLifetime}`,
    );
    const reader = await connection.runAndReadAll('select record from warehouse.statement');
    const records = reader
      .getRowsJson()
      .map((row) => JSON.parse(row.map(String).join('')) as StatementRecord)
      .toSorted((a, b) => a.createdAt - b.createdAt);
    for (const record of records) {
      store.#remember(record);
      if (isOver(record.status)) continue;
      endUnfinished(record, 'FAILED', now, interruptedByRestart);
      await store.save(record);
    }
    return store;
  }

  /** The highest identifier of a query; those of statements that were deleted may be given again. */
  lastQueryId(): number {
    const ids = this.list().flatMap(({ parts }) => parts.map(({ queryId }) => queryId));
    return ids.reduce((last, id) => Math.max(last, id), 1000);
  }

  /** Newest first. */
  list(): StatementRecord[] {
    return [...this.#records.values()].toReversed();
  }

  get(id: string): StatementRecord | undefined {
    return this.#records.get(id);
  }

  /** The statement that has used this token within the last eight hours. */
  byToken(token: string, now: number): StatementRecord | undefined {
    const record = this.#tokens.get(token);
    return record !== undefined && record.createdAt > now - tokenLifetime ? record : undefined;
  }

  async add(record: StatementRecord): Promise<void> {
    this.#remember(record);
    await this.#connection.run('insert into warehouse.statement values ($1, $2)', [
      record.id,
      JSON.stringify(record),
    ]);
  }

  #remember(record: StatementRecord): void {
    this.#records.set(record.id, record);
    if (record.clientToken !== undefined) this.#tokens.set(record.clientToken, record);
  }

  /** Saves the record's state, as part of `connection`'s transaction if given. */
  async save(record: StatementRecord, connection = this.#connection): Promise<void> {
    await connection.run('update warehouse.statement set record = $2 where id = $1', [
      record.id,
      JSON.stringify(record),
    ]);
  }
}

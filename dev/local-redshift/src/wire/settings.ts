/** The settings of a session. Only `search_path` has an effect; the others are kept so that SHOW returns them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral, quoteName } from '../sql/sql-tokens.ts';
import { parameters } from '../warehouse/parameters.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** Settings that the server reports when they change, with the names that clients expect. */
const reported: Readonly<Record<string, string>> = {
  client_encoding: 'client_encoding',
  datestyle: 'DateStyle',
  timezone: 'TimeZone',
};

export class SessionSettings {
  readonly #values = new Map<string, string>();
  #initial: ReadonlyMap<string, string> = new Map();
  readonly #database: string;

  constructor(database: string) {
    this.#database = database;
  }

  /** All of them, also those that Redshift does not have and the client has set. */
  get values(): ReadonlyMap<string, string> {
    return new Map([...parameters, ...this.#values]);
  }

  /** @returns what to report to the client. */
  async set(
    connection: DuckDBConnection,
    name: string,
    values: readonly string[],
  ): Promise<readonly [name: string, value: string] | undefined> {
    const value = values.join(', ');
    if (value.toLowerCase() === 'default') return this.reset(connection, name);
    if (name === 'client_encoding' && !/^(utf-?8|unicode|sql_ascii)$/i.test(value)) {
      throw new WarehouseError(
        `the client encoding ${value} is not supported by this local warehouse`,
      );
    }
    if (name === 'search_path') await this.#search(connection, values);
    this.#values.set(name, name === 'client_encoding' ? 'UTF8' : value);
    return this.#report(name);
  }

  /** RESET goes back to what is set now. */
  keep(): void {
    this.#initial = new Map(this.#values);
  }

  async reset(
    connection: DuckDBConnection,
    name: string,
  ): Promise<readonly [name: string, value: string] | undefined> {
    const initial = this.#initial.get(name);
    if (initial === undefined) this.#values.delete(name);
    else this.#values.set(name, initial);
    if (name === 'search_path') await this.#search(connection, [initial ?? 'public']);
    return this.#report(name);
  }

  async resetAll(connection: DuckDBConnection): Promise<void> {
    this.#values.clear();
    for (const [name, value] of this.#initial) this.#values.set(name, value);
    await this.#search(connection, [this.#initial.get('search_path') ?? 'public']);
  }

  #report(name: string): readonly [name: string, value: string] | undefined {
    const label = reported[name];
    return label === undefined ? undefined : [label, this.values.get(name) ?? ''];
  }

  /** Schemas that do not exist are ignored, as in Redshift; `main` has the functions and views of the emulator. */
  async #search(connection: DuckDBConnection, schemas: readonly string[]): Promise<void> {
    const reader = await connection.runAndReadAll(
      'select schema_name from duckdb_schemas() where database_name = current_database()',
    );
    const known = new Set(reader.getRowsJson().map(([name]) => name));
    const names = schemas
      .flatMap((text) => text.split(','))
      .map((name) => name.trim().toLowerCase());
    const path = [...names.filter((name) => known.has(name)), 'main'];
    const entries = path.map((name) => `${quoteName(this.#database)}.${quoteName(name)}`);
    await connection.run(`set search_path = ${quoteLiteral(entries.join(','))}`);
  }
}

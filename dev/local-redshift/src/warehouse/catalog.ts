/** The external schemas, tables and partitions, which AWS keeps in the Glue Data Catalog. */
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  orderedPartition,
  orderedValues,
  type ExternalStatement,
  type ExternalTableChange,
} from '../external/external-ddl.ts';
import {
  typeText,
  type ExternalPartition,
  type ExternalTable,
} from '../external/external-definition.ts';
import { withProperties } from '../external/external-format.ts';
import {
  addPartitions,
  changePartition,
  countPartitions,
  partitionKeys,
  readPartitions,
} from '../external/partition-store.ts';
import { mayMatch, type PartitionCondition } from '../external/partition-pruning.ts';
import { TranslationTemplates } from '../sql/translation-templates.ts';
import { WarehouseError } from './warehouse-error.ts';

/** Reads and changes the catalog. A change is part of the connection's transaction; call `reload` after its end. */
export class Catalog {
  readonly #databases = new Map<string, string>();
  readonly #tables = new Map<string, ExternalTable>();
  /** The translations for the current external tables. */
  readonly templates = new TranslationTemplates();
  #changed = true;

  /** Whether schemas or tables may have changed since they were last read. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Reads all schemas and tables if they may have changed. */
  async reload(connection: DuckDBConnection): Promise<void> {
    if (!this.#changed) return;
    const schemas = await rows(
      connection,
      'select schema_name, database_name from warehouse.external_schema',
    );
    const tables = await rows(
      connection,
      'select database_name, table_name, definition from warehouse.external_table',
    );
    this.templates.clear();
    this.#databases.clear();
    this.#tables.clear();
    for (const [schema = '', database = ''] of schemas) this.#databases.set(schema, database);
    for (const [database = '', name = '', definition = ''] of tables) {
      this.#tables.set(`${database}.${name}`, JSON.parse(definition) as ExternalTable);
    }
    this.#changed = false;
  }

  hasSchema(schema: string): boolean {
    return this.#databases.has(schema);
  }

  /** Undefined if the schema is not external. @throws WarehouseError if only the table is missing. */
  readonly find = (schema: string, name: string): ExternalTable | undefined => {
    const database = this.#databases.get(schema);
    if (database === undefined) return undefined;
    const table = this.#tables.get(`${database}.${name}`);
    if (table === undefined)
      throw new WarehouseError(`relation "${schema}.${name}" does not exist`);
    return { ...table, schema };
  };

  /** The partitions that can contain rows that satisfy the conditions, and the number of all. */
  async partitions(
    connection: DuckDBConnection,
    table: ExternalTable,
    conditions: readonly PartitionCondition[] = [],
  ): Promise<{ readonly total: number; readonly qualified: readonly ExternalPartition[] }> {
    const keys = partitionKeys(table, conditions);
    const database = this.#database(table.schema);
    const found = await readPartitions(connection, database, table.name, keys);
    return {
      total: await countPartitions(connection, database, table.name),
      qualified: found.filter((one) => mayMatch(one, table.partitionColumns, conditions)),
    };
  }

  async apply(connection: DuckDBConnection, statement: ExternalStatement): Promise<void> {
    switch (statement.kind) {
      case 'create-schema': {
        const { name, database, iamRole } = statement.schema;
        if (this.hasSchema(name)) {
          if (statement.ifNotExists) return;
          throw new WarehouseError(`schema "${name}" already exists`);
        }
        this.#changed = true;
        await connection.run('insert into warehouse.external_schema values ($1, $2, $3)', [
          name,
          database,
          iamRole,
        ]);
        return;
      }
      case 'create-table':
        return this.#createTable(connection, statement.table);
      case 'change-external-table':
        return this.#changeTable(connection, this.#known(statement), statement.change);
      case 'add-partitions': {
        const table = this.#known(statement);
        return addPartitions(connection, this.#database(table.schema), table, statement);
      }
      case 'set-location': {
        const table = this.#known(statement);
        const partition = orderedPartition(table, statement.partition);
        return changePartition(connection, this.#database(table.schema), table, partition);
      }
      case 'drop-partition': {
        const table = this.#known(statement);
        const values = orderedValues(table, statement.values);
        return changePartition(connection, this.#database(table.schema), table, { values });
      }
    }
  }

  /** DROP TABLE of an external table removes its definition, but not its files. */
  async dropTable(connection: DuckDBConnection, schema: string, name: string): Promise<void> {
    const key = [this.#database(schema), name];
    this.#changed = true;
    for (const part of ['external_table', 'external_column', 'external_partition']) {
      await connection.run(
        `delete from warehouse.${part} where database_name = $1 and table_name = $2`,
        key,
      );
    }
  }

  /** DROP SCHEMA keeps the tables in the data catalog unless the database is dropped too. */
  async dropSchema(
    connection: DuckDBConnection,
    schema: string,
    withDatabase: boolean,
  ): Promise<void> {
    this.#changed = true;
    if (withDatabase) {
      for (const part of ['external_table', 'external_column', 'external_partition']) {
        await connection.run(`delete from warehouse.${part} where database_name = $1`, [
          this.#database(schema),
        ]);
      }
    }
    await connection.run('delete from warehouse.external_schema where schema_name = $1', [schema]);
  }

  async #createTable(connection: DuckDBConnection, table: ExternalTable): Promise<void> {
    const database = this.#database(table.schema);
    if (this.#tables.has(`${database}.${table.name}`)) {
      throw new WarehouseError(`Relation "${table.name}" already exists`);
    }
    this.#changed = true;
    await connection.run('insert into warehouse.external_table values ($1, $2, $3)', [
      database,
      table.name,
      JSON.stringify(table),
    ]);
    const columns = [...table.columns, ...table.partitionColumns];
    for (const [index, column] of columns.entries()) {
      const partKey = Math.max(0, index - table.columns.length + 1);
      await connection.run(
        'insert into warehouse.external_column values ($1, $2, $3, $4, $5, $6)',
        [database, table.name, column.name, typeText(column.type), index + 1, partKey],
      );
    }
  }

  async #changeTable(
    connection: DuckDBConnection,
    table: ExternalTable,
    change: ExternalTableChange,
  ): Promise<void> {
    this.#changed = true;
    const changed =
      'location' in change ? { ...table, ...change } : withProperties(table, change.properties);
    await connection.run(
      'update warehouse.external_table set definition = $3 where database_name = $1 and table_name = $2',
      [this.#database(table.schema), table.name, JSON.stringify(changed)],
    );
  }

  #known(reference: { schema: string; name: string }): ExternalTable {
    const table = this.find(reference.schema, reference.name);
    if (table === undefined)
      throw new WarehouseError(`schema "${reference.schema}" does not exist`);
    return table;
  }

  #database(schema: string): string {
    const database = this.#databases.get(schema);
    if (database === undefined) throw new WarehouseError(`schema "${schema}" does not exist`);
    return database;
  }
}

/** The rows as text. */
async function rows(connection: DuckDBConnection, sql: string): Promise<string[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowsJson().map((row) => row.map(String));
}

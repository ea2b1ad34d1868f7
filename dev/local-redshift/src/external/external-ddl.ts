/** Parses the DDL of external schemas, tables and partitions (r_CREATE_EXTERNAL_TABLE, r_ALTER_TABLE_external-table). */
import type {
  ExternalColumn,
  ExternalPartition,
  ExternalSchema,
  ExternalTable,
} from './external-definition.ts';
import { readPairs, readTableFormat } from './external-format.ts';
import { readType } from './external-types.ts';
import { readLocation } from './s3-location.ts';
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { TokenCursor } from '../sql/token-cursor.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** A partition in a statement: values by column, in any order. */
interface NamedPartition {
  readonly values: ReadonlyMap<string, string>;
  readonly location: string;
}

export type ExternalStatement =
  | {
      readonly kind: 'create-schema';
      readonly ifNotExists: boolean;
      readonly schema: ExternalSchema;
    }
  | { readonly kind: 'create-table'; readonly table: ExternalTable }
  | (TableReference & {
      readonly kind: 'add-partitions';
      readonly ifNotExists: boolean;
      readonly partitions: readonly NamedPartition[];
    })
  | (TableReference & { readonly kind: 'set-location'; readonly partition: NamedPartition })
  | (TableReference & {
      readonly kind: 'change-external-table';
      readonly change: ExternalTableChange;
    })
  | (TableReference & {
      readonly kind: 'drop-partition';
      readonly values: ReadonlyMap<string, string>;
    });

/** SET LOCATION and SET TABLE PROPERTIES of a table. */
export type ExternalTableChange =
  { readonly location: string } | { readonly properties: Readonly<Record<string, string>> };

interface TableReference {
  readonly schema: string;
  readonly name: string;
}

/** Glue's limit for one statement (r_ALTER_TABLE_external-table). */
const partitionLimit = 100;

/** Whether the statement is DDL for external objects only. For DROP, the catalog decides. */
export function isExternalDdl(tokens: readonly Token[]): boolean {
  const [first, second] = tokens;
  if (isWord(first, 'create')) return isWord(second, 'external');
  if (!isWord(first, 'alter') || !isWord(second, 'table')) return false;
  return tokens.some((token, index) => {
    const next = tokens[index + 1];
    return isWord(token, 'set')
      ? isWord(next, 'location', 'table')
      : isWord(token, 'partition') && isSymbol(next, '(');
  });
}

/** The statement's name in error messages. */
export function externalCommand(statement: ExternalStatement): string {
  if (statement.kind === 'create-schema') return 'CREATE EXTERNAL SCHEMA';
  return statement.kind === 'create-table' ? 'CREATE EXTERNAL TABLE' : 'ALTER EXTERNAL TABLE';
}

/** Parses one statement. @throws WarehouseError that names the first unexpected token. */
export function parseExternalDdl(tokens: readonly Token[]): ExternalStatement {
  const cursor = new TokenCursor(tokens);
  let statement: ExternalStatement;
  if (cursor.accept('create', 'external', 'schema')) statement = createSchema(cursor);
  else if (cursor.accept('create', 'external', 'table')) statement = createTable(cursor);
  else {
    cursor.expect('alter', 'table');
    statement = alterTable(cursor);
  }
  cursor.end();
  return statement;
}

function createSchema(cursor: TokenCursor): ExternalStatement {
  const ifNotExists = cursor.accept('if', 'not', 'exists');
  const name = cursor.name();
  cursor.expect('from', 'data', 'catalog', 'database');
  const database = cursor.string();
  if (cursor.accept('region')) cursor.string();
  cursor.expect('iam_role');
  const iamRole = cursor.accept('default') ? 'default' : cursor.string();
  if (cursor.accept('catalog_role')) cursor.string();
  if (cursor.accept('region')) cursor.string();
  cursor.accept('create', 'external', 'database', 'if', 'not', 'exists');
  return { kind: 'create-schema', ifNotExists, schema: { name, database, iamRole } };
}

function createTable(cursor: TokenCursor): ExternalStatement {
  const reference = qualifiedName(cursor);
  const columns = readColumns(cursor);
  const partitionColumns = cursor.accept('partitioned', 'by') ? readColumns(cursor) : [];
  checkNames([...columns, ...partitionColumns]);
  const rest = readTableFormat(cursor);
  return { kind: 'create-table', table: { ...reference, columns, partitionColumns, ...rest } };
}

function alterTable(cursor: TokenCursor): ExternalStatement {
  const reference = qualifiedName(cursor);
  if (cursor.accept('add')) {
    const ifNotExists = cursor.accept('if', 'not', 'exists');
    const partitions: NamedPartition[] = [];
    do {
      const values = partitionValues(cursor);
      cursor.expect('location');
      partitions.push({ values, location: readLocation(cursor) });
    } while (cursor.acceptSymbol(',') || !cursor.atEnd);
    if (partitions.length > partitionLimit) {
      throw new WarehouseError(
        `a statement can add at most ${partitionLimit} partitions, this one has ${partitions.length}`,
      );
    }
    return { kind: 'add-partitions', ...reference, ifNotExists, partitions };
  }
  if (cursor.accept('drop')) {
    return { kind: 'drop-partition', ...reference, values: partitionValues(cursor) };
  }
  if (cursor.accept('set', 'table', 'properties')) {
    const properties = Object.fromEntries(readPairs(cursor));
    return { kind: 'change-external-table', ...reference, change: { properties } };
  }
  if (cursor.accept('set', 'location')) {
    return {
      kind: 'change-external-table',
      ...reference,
      change: { location: readLocation(cursor) },
    };
  }
  const values = partitionValues(cursor);
  cursor.expect('set', 'location');
  return {
    kind: 'set-location',
    ...reference,
    partition: { values, location: readLocation(cursor) },
  };
}

function qualifiedName(cursor: TokenCursor): TableReference {
  const schema = cursor.name();
  cursor.expectSymbol('.');
  return { schema, name: cursor.name() };
}

function readColumns(cursor: TokenCursor): ExternalColumn[] {
  const columns: ExternalColumn[] = [];
  cursor.expectSymbol('(');
  do columns.push({ name: cursor.name(), type: readType(cursor) });
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return columns;
}

/** A partition column cannot be a column of the files (c-spectrum-external-tables). */
function checkNames(columns: readonly ExternalColumn[]): void {
  const known = new Set(['$path', '$size', '$spectrum_oid']);
  for (const { name } of columns) {
    if (known.has(name)) {
      throw new WarehouseError(
        name.startsWith('$')
          ? `column name "${name}" conflicts with a pseudocolumn`
          : `column "${name}" specified more than once`,
      );
    }
    known.add(name);
  }
}

function partitionValues(cursor: TokenCursor): Map<string, string> {
  const values = new Map<string, string>();
  cursor.expect('partition');
  cursor.expectSymbol('(');
  do {
    const name = cursor.name();
    cursor.expectSymbol('=');
    values.set(name, cursor.peek()?.kind === 'number' ? String(cursor.integer()) : cursor.string());
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return values;
}

/** Orders the values by the table's partition columns. @throws WarehouseError unless all columns are named. */
export function orderedPartition(table: ExternalTable, named: NamedPartition): ExternalPartition {
  return { values: orderedValues(table, named.values), location: named.location };
}

export function orderedValues(
  table: ExternalTable,
  values: ReadonlyMap<string, string>,
): readonly string[] {
  const expected = table.partitionColumns.map((column) => column.name);
  if (values.size !== expected.length || !expected.every((name) => values.has(name))) {
    throw new WarehouseError(
      `the partition columns of "${table.schema}.${table.name}" are (${expected.join(', ')})`,
    );
  }
  return expected.map((name) => values.get(name) ?? '');
}

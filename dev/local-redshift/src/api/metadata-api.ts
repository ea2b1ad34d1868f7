/** ListDatabases, ListSchemas, ListTables and DescribeTable, read from the system views. */
import type { Json } from '@duckdb/node-api';
import { ServiceError, type Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { checkTarget, metadataRequest, readRequest } from './requests.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

export interface MetadataApiDependencies {
  readonly workgroup: string;
  readonly database: string;
  readonly warehouse: Warehouse;
}

type Request = ReturnType<typeof readRequest<typeof metadataRequest>>;

export function metadataOperations(
  dependencies: MetadataApiDependencies,
): Record<string, Operation> {
  const rows = async (sql: string, values: readonly string[]): Promise<Json[][]> => {
    const connection = await dependencies.warehouse.connect();
    try {
      return (await connection.runAndReadAll(sql, [...values])).getRowsJson();
    } finally {
      connection.closeSync();
    }
  };
  const read = (input: Record<string, unknown>, needsDatabase = true): Request => {
    const request = readRequest(metadataRequest, input);
    checkTarget(request, dependencies.workgroup);
    const database = request.ConnectedDatabase ?? request.Database;
    if (needsDatabase && database !== dependencies.database) {
      throw new ServiceError(
        'ValidationException',
        `FATAL: database "${database ?? ''}" does not exist`,
      );
    }
    return request;
  };
  return {
    ListDatabases: (input) => paged([dependencies.database], read(input, false), 'Databases'),
    ListSchemas: async (input) => {
      const request = read(input);
      const found = await rows(
        `select schema_name from duckdb_schemas()
         where database_name = current_database() and schema_name not in ('main', 'warehouse')
           and schema_name like $1
         union select schemaname from svv_external_schemas where schemaname like $1 order by 1`,
        [request.SchemaPattern ?? '%'],
      );
      return paged(
        found.map(([name]) => name),
        request,
        'Schemas',
      );
    },
    ListTables: async (input) => {
      const request = read(input);
      const found = await rows(
        `select table_name, replace(table_type, 'BASE TABLE', 'TABLE'), table_schema from svv_tables
         where table_schema like $1 and table_name like $2 order by 3, 1`,
        [request.SchemaPattern ?? '%', request.TablePattern ?? '%'],
      );
      return paged(
        found.map(([name, type, schema]) => ({ name, type, schema })),
        request,
        'Tables',
      );
    },
    DescribeTable: async (input) => {
      const request = read(input);
      const found = await rows(
        `select column_name, data_type, is_nullable, column_default, table_schema,
           coalesce(character_maximum_length, 0), coalesce(numeric_precision, 0), coalesce(numeric_scale, 0)
         from svv_columns where table_schema like $1 and table_name = $2 order by ordinal_position`,
        [request.Schema ?? '%', request.Table ?? ''],
      );
      const columns = found.map(
        ([name, type, nullable, standard, schema, length, precision, scale]) => ({
          name,
          label: name,
          typeName: (typeof type === 'string' ? typeNames[type] : undefined) ?? type,
          nullable: nullable === 'YES' ? 1 : 0,
          ...(standard !== null && { columnDefault: standard }),
          schemaName: schema,
          tableName: request.Table,
          length: Number(length),
          precision: Number(precision),
          scale: Number(scale),
        }),
      );
      return { TableName: request.Table, ...paged(columns, request, 'ColumnList') };
    },
  };
}

const typeNames: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'double precision': 'float8',
  real: 'float4',
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  boolean: 'bool',
  'timestamp without time zone': 'timestamp',
};

function paged(items: readonly unknown[], request: Request, name: string): Record<string, unknown> {
  const start = Number(request.NextToken ?? 0);
  if (!Number.isInteger(start)) {
    throw new ServiceError('ValidationException', 'NextToken was not issued by this API');
  }
  const size =
    request.MaxResults === undefined || request.MaxResults === 0 ? 1000 : request.MaxResults;
  const end = start + size;
  return { [name]: items.slice(start, end), ...(end < items.length && { NextToken: String(end) }) };
}

/** Creates a temporary view over the files of an external table's partitions, for one statement. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from '../warehouse/catalog.ts';
import type { ColumnType, ExternalColumn, ExternalPartition } from './external-definition.ts';
import type { ExternalScan } from './external-references.ts';
import type { ObjectCache } from './object-cache.ts';
import { readParquetColumns } from './parquet-columns.ts';
import { listSpectrumFiles, type SpectrumFile } from './spectrum-files.ts';
import { quoteLiteral, quoteName } from '../sql/sql-tokens.ts';

export interface SpectrumSource {
  readonly catalog: Catalog;
  readonly client: S3Client;
  readonly cache: ObjectCache;
}

interface LocalFile {
  readonly path: string;
  readonly file: SpectrumFile;
  readonly partition: ExternalPartition;
}

/** The maximum number of concurrent lists or downloads. */
const concurrency = 8;

/** Lists and fetches the files of the scan, then creates its view, which the session's next statement may replace. */
export async function createExternalView(
  connection: DuckDBConnection,
  scan: ExternalScan,
  source: SpectrumSource,
  signal: AbortSignal,
): Promise<void> {
  const files = await fetchFiles(connection, scan, source, signal);
  const paths = files.map((file) => file.path);
  const data = await readerSql(connection, scan, files, paths);
  const outputs = [
    ...data.columns,
    ...scan.table.partitionColumns.map(
      (column, index) =>
        `cast(f.key_${index} as ${duckType(column.type)}) as ${quoteName(column.name)}`,
    ),
    ...(scan.withPath ? ['f.path as "$path"'] : []),
    ...(scan.withSize ? ['f.size as "$size"'] : []),
  ];
  await connection.run(
    `create or replace temp view ${scan.view} as select ${outputs.join(', ')} from ${data.from} as d inner join ${listing(scan, files)} on f.file = d.rs_file`,
  );
}

/** The metadata of each file as a table `f`. */
function listing(scan: ExternalScan, files: readonly LocalFile[]): string {
  const keys = scan.table.partitionColumns.map((_, index) => `key_${index}`);
  const columns = ['file', 'path', 'size', ...keys];
  const rows = files.map(({ path, file, partition }) => [
    quoteLiteral(path),
    quoteLiteral(`s3://${file.bucket}/${file.key}`),
    `${file.bytes}::bigint`,
    ...partition.values.map(quoteLiteral),
  ]);
  if (rows.length > 0) return `(values (${rows.join('), (')})) as f(${columns.join(', ')})`;
  const none = columns.map((column) => (column === 'size' ? 'null::bigint' : 'null::varchar'));
  return `(select ${none.join(', ')} where false) as f(${columns.join(', ')})`;
}

async function fetchFiles(
  connection: DuckDBConnection,
  scan: ExternalScan,
  source: SpectrumSource,
  signal: AbortSignal,
): Promise<LocalFile[]> {
  const { table } = scan;
  const partitions =
    table.partitionColumns.length === 0
      ? [{ values: [], location: table.location }]
      : await source.catalog.partitions(connection, table, scan.conditions);
  const listed = await mapConcurrently(partitions, async (partition) => {
    const files = await listSpectrumFiles(source.client, partition.location, signal);
    return files.map((file) => ({ file, partition }));
  });
  return mapConcurrently(listed.flat(), async ({ file, partition }) => ({
    path: await source.cache.fetch(file, table, signal),
    file,
    partition,
  }));
}

async function mapConcurrently<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

interface Reader {
  readonly from: string;
  readonly columns: readonly string[];
}

async function readerSql(
  connection: DuckDBConnection,
  scan: ExternalScan,
  files: readonly LocalFile[],
  paths: readonly string[],
): Promise<Reader> {
  const { format, columns } = scan.table;
  if (files.length === 0) {
    return {
      from: '(select cast(null as varchar) as rs_file where false)',
      columns: columns.map(
        (column) => `cast(null as ${duckType(column.type)}) as ${quoteName(column.name)}`,
      ),
    };
  }
  const list = `[${paths.map(quoteLiteral).join(', ')}]`;
  if (format.kind === 'parquet') {
    const addresses = new Map(
      files.map(({ path, file }) => [path, `s3://${file.bucket}/${file.key}`]),
    );
    const present = await readParquetColumns(connection, list, columns, addresses);
    return {
      from: `read_parquet(${list}, union_by_name = true, filename = 'rs_file')`,
      columns: columns.map((column) => {
        const value = present.has(column.name) ? `d.${quoteName(column.name)}` : 'null';
        return `cast(${value} as ${duckType(column.type)}) as ${quoteName(column.name)}`;
      }),
    };
  }
  const shape = columns.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  return {
    // object-cache.ts has written the files: every field is quoted, NULL is not.
    from: `read_csv(${list}, auto_detect = false, header = false, columns = {${shape}}, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216, filename = 'rs_file')`,
    columns: columns.map(
      (column, index) =>
        `${textColumn(column, `d.c${index}`, format.kind)} as ${quoteName(column.name)}`,
    ),
  };
}

/** Truncates text that is too long. An invalid number is NULL in a DELIMITED file and an error with the SerDe. */
function textColumn(
  column: ExternalColumn,
  value: string,
  format: 'delimited' | 'opencsv',
): string {
  const { type } = column;
  if (type.length !== undefined) return `rs_varchar(${value}, ${type.length})`;
  return `${format === 'delimited' ? 'try_cast' : 'cast'}(${value} as ${duckType(type)})`;
}

function duckType(type: ColumnType): string {
  if (type.length !== undefined) return 'varchar';
  return type.precision === undefined
    ? type.name
    : `decimal(${type.precision}, ${type.scale ?? 0})`;
}

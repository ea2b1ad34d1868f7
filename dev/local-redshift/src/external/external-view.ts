/** Creates a temporary view over the files of an external table's partitions, for one statement. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from '../warehouse/catalog.ts';
import { columnValues, type ColumnSource, type ValueContext } from './contents/column-values.ts';
import { dataHandling } from './contents/data-handling.ts';
import { duckType, type ExternalPartition } from './external-definition.ts';
import type { ExternalScan } from './external-references.ts';
import type { CachedObject, ObjectCache } from './object-cache.ts';
import { readParquetFiles } from './contents/parquet-columns.ts';
import { sizeAdvice, type ScanRecord } from './scan-record.ts';
import { addressOf, listSpectrumFiles, type SpectrumFile } from './spectrum-files.ts';
import { quoteLiteral, quoteName } from '../sql/sql-tokens.ts';

export interface SpectrumSource {
  readonly catalog: Catalog;
  readonly client: S3Client;
  readonly cache: ObjectCache;
  /** Writes advice to the endpoint's log. */
  readonly warn: (text: string) => void;
}

interface LocalFile extends CachedObject {
  readonly file: SpectrumFile;
  readonly partition: ExternalPartition;
}

/** The maximum number of concurrent lists or downloads. */
const concurrency = 8;

/**
 * Lists and fetches the files of the scan, then creates its view, which the session's next statement may replace.
 * Returns what it read.
 */
export async function createExternalView(
  connection: DuckDBConnection,
  scan: ExternalScan,
  source: SpectrumSource,
  signal: AbortSignal,
): Promise<ScanRecord> {
  const { table } = scan;
  const startedAt = Date.now();
  const partitions =
    table.partitionColumns.length === 0
      ? { total: 0, qualified: [{ values: [], location: table.location }] }
      : await source.catalog.partitions(connection, table, scan.conditions);
  const listed = await listFiles(partitions.qualified, source, signal);
  const listMilliseconds = Date.now() - startedAt;
  const advice = listed.flatMap(({ file }) => sizeAdvice(file, table) ?? []);
  for (const text of advice) source.warn(text);
  const files = await mapConcurrently(listed, async ({ file, partition }) => ({
    ...(await source.cache.fetch(file, table, signal)),
    file,
    partition,
  }));
  const data = await readerSql(connection, scan, files);
  const outputs = [
    ...data.columns,
    ...table.partitionColumns.map(
      (column, index) =>
        `cast(f.key_${index} as ${duckType(column.type)}) as ${quoteName(column.name)}`,
    ),
    ...(scan.withPath ? ['f.path as "$path"'] : []),
    ...(scan.withSize ? ['f.size as "$size"'] : []),
  ];
  await connection.run(
    `create or replace temp view ${scan.view} as select ${outputs.join(', ')} from ${data.from} as d inner join ${listing(scan, files)} on f.file = d.rs_file`,
  );
  return {
    schema: table.schema,
    table: table.name,
    location: table.location,
    format: table.format.kind === 'parquet' ? 'Parquet' : 'Text',
    partitioned: table.partitionColumns.length > 0,
    startedAt,
    endedAt: Date.now(),
    listMilliseconds,
    totalPartitions: partitions.total,
    qualifiedPartitions: table.partitionColumns.length === 0 ? 0 : partitions.qualified.length,
    files: files.length,
    rows: data.rows,
    bytes: files.reduce((sum, { file }) => sum + file.bytes, 0),
    ...(advice.length > 0 && { warning: advice.join('; ') }),
  };
}

/** The metadata of each file as a table `f`. */
function listing(scan: ExternalScan, files: readonly LocalFile[]): string {
  const keys = scan.table.partitionColumns.map((_, index) => `key_${index}`);
  const columns = ['file', 'path', 'size', ...keys];
  const rows = files.map(({ path, file, partition }) => [
    quoteLiteral(path),
    quoteLiteral(addressOf(file)),
    `${file.bytes}::bigint`,
    ...partition.values.map(quoteLiteral),
  ]);
  if (rows.length > 0) return `(values (${rows.join('), (')})) as f(${columns.join(', ')})`;
  const none = columns.map((column) => (column === 'size' ? 'null::bigint' : 'null::varchar'));
  return `(select ${none.join(', ')} where false) as f(${columns.join(', ')})`;
}

async function listFiles(
  partitions: readonly ExternalPartition[],
  source: SpectrumSource,
  signal: AbortSignal,
): Promise<{ file: SpectrumFile; partition: ExternalPartition }[]> {
  const listed = await mapConcurrently(partitions, async (partition) => {
    const files = await listSpectrumFiles(source.client, partition.location, signal);
    return files.map((file) => ({ file, partition }));
  });
  return listed.flat();
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
  /** In all files. */
  readonly rows: number;
}

async function readerSql(
  connection: DuckDBConnection,
  scan: ExternalScan,
  files: readonly LocalFile[],
): Promise<Reader> {
  const { format, columns, properties } = scan.table;
  if (files.length === 0) {
    return {
      from: '(select cast(null as varchar) as rs_file where false)',
      columns: columns.map(
        (column) => `cast(null as ${duckType(column.type)}) as ${quoteName(column.name)}`,
      ),
      rows: 0,
    };
  }
  const context: ValueContext = {
    format: format.kind,
    handling: dataHandling(properties),
    file: 'f.path',
  };
  const list = `[${files.map(({ path }) => quoteLiteral(path)).join(', ')}]`;
  if (format.kind === 'parquet') {
    const addresses = new Map(files.map(({ path, file }) => [path, addressOf(file)]));
    const { present, rows } = await readParquetFiles(connection, list, columns, addresses);
    const sources = columns.map((column): ColumnSource => ({
      column,
      raw: present.has(column.name) ? `d.${quoteName(column.name)}` : 'cast(null as varchar)',
    }));
    return {
      from: `read_parquet(${list}, union_by_name = true, filename = 'rs_file')`,
      columns: columnValues(sources, context),
      rows,
    };
  }
  const shape = columns.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const sources = columns.map((column, index): ColumnSource => ({ column, raw: `d.c${index}` }));
  return {
    // object-cache.ts has written the files: every field is quoted, NULL is not.
    from: `read_csv(${list}, auto_detect = false, header = false, columns = {${shape}}, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216, filename = 'rs_file')`,
    columns: columnValues(sources, context),
    rows: files.reduce((sum, file) => sum + (file.rows ?? 0), 0),
  };
}

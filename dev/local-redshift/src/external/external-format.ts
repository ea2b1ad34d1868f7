/** Parses the file format of CREATE EXTERNAL TABLE: ROW FORMAT, STORED AS, LOCATION, TABLE PROPERTIES. */
import { dataHandling, declaredCompression } from './contents/data-handling.ts';
import type { ExternalFormat, ExternalTable } from './external-definition.ts';
import { readLocation } from './s3-location.ts';
import type { TokenCursor } from '../sql/token-cursor.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

type RowFormat =
  | { readonly kind: 'delimited'; readonly delimiter: string }
  | { readonly kind: 'opencsv'; readonly properties: ReadonlyMap<string, string> };

const openCsvSerde = 'org.apache.hadoop.hive.serde2.OpenCSVSerde';

export function readTableFormat(
  cursor: TokenCursor,
): Pick<ExternalTable, 'format' | 'skipHeaderLines' | 'location' | 'properties'> {
  const row = readRowFormat(cursor);
  cursor.expect('stored', 'as');
  const stored = cursor.name();
  if (stored !== 'textfile' && stored !== 'parquet') {
    throw new WarehouseError(`STORED AS ${stored} is not supported here: use TEXTFILE or PARQUET`);
  }
  cursor.expect('location');
  const location = readLocation(cursor);
  const properties = cursor.accept('table', 'properties')
    ? readPairs(cursor)
    : new Map<string, string>();
  const format: ExternalFormat =
    stored === 'parquet' ? { kind: 'parquet' } : textFormat(row, properties);
  return withProperties(
    { format, skipHeaderLines: 0, location, properties: {} },
    Object.fromEntries(properties),
  );
}

/** Adds table properties and applies them. @throws WarehouseError for a value that a property cannot have. */
export function withProperties<
  Table extends Pick<ExternalTable, 'format' | 'skipHeaderLines' | 'properties'>,
>(table: Table, added: Readonly<Record<string, string>>): Table {
  const properties = { ...table.properties, ...added };
  const skip = properties['skip.header.line.count'] ?? '0';
  if (!/^\d+$/.test(skip)) {
    throw new WarehouseError(`invalid value for skip.header.line.count: "${skip}"`);
  }
  dataHandling(properties);
  declaredCompression(properties);
  const nullText = properties['serialization.null.format'];
  const format =
    table.format.kind === 'parquet' || nullText === undefined
      ? table.format
      : { ...table.format, nullText };
  return { ...table, format, properties, skipHeaderLines: Number(skip) };
}

function readRowFormat(cursor: TokenCursor): RowFormat | undefined {
  if (!cursor.accept('row', 'format')) return undefined;
  if (cursor.accept('serde')) {
    const serde = cursor.string();
    if (serde !== openCsvSerde) {
      throw new WarehouseError(`SERDE '${serde}' is not supported here: use ${openCsvSerde}`);
    }
    const given = cursor.accept('with', 'serdeproperties');
    return { kind: 'opencsv', properties: given ? readPairs(cursor) : new Map<string, string>() };
  }
  cursor.expect('delimited');
  let delimiter = '\u0001';
  if (cursor.accept('fields', 'terminated', 'by')) delimiter = cursor.string();
  if (cursor.accept('lines', 'terminated', 'by') && cursor.string() !== '\n') {
    throw new WarehouseError('LINES TERMINATED BY supports a newline only');
  }
  return { kind: 'delimited', delimiter };
}

/** Without ROW FORMAT, the delimiter is U+0001, as in Hive. */
function textFormat(
  row: RowFormat | undefined,
  properties: ReadonlyMap<string, string>,
): ExternalFormat {
  if (row?.kind === 'opencsv') {
    return {
      kind: 'opencsv',
      // The defaults of the SerDe; its default escape character is a backslash.
      separator: character(row.properties, 'separatorChar', ','),
      quote: character(row.properties, 'quoteChar', '"'),
      escape: character(row.properties, 'escapeChar', '\\'),
      wholeFile: (row.properties.get('wholeFile') ?? properties.get('wholeFile')) === 'true',
    };
  }
  return {
    kind: 'delimited',
    delimiter: row?.delimiter ?? '\u0001',
    nullText: '\\N',
  };
}

function character(
  properties: ReadonlyMap<string, string>,
  name: string,
  fallback: string,
): string {
  const value = properties.get(name) ?? fallback;
  // The SerDe uses the first character of the value.
  const first = value[0];
  if (first === undefined) throw new WarehouseError(`${name} must be one character`);
  return first;
}

export function readPairs(cursor: TokenCursor): Map<string, string> {
  const pairs = new Map<string, string>();
  cursor.expectSymbol('(');
  do {
    const key = cursor.string();
    cursor.expectSymbol('=');
    pairs.set(key, cursor.string());
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return pairs;
}

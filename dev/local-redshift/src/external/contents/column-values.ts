/** SQL for the values of an external table's columns, from the text or the Parquet columns of its files. */
import type { DataHandling } from './data-handling.ts';
import {
  duckType,
  typeText,
  type ColumnType,
  type ExternalColumn,
} from '../external-definition.ts';
import { quoteLiteral, quoteName } from '../../sql/sql-tokens.ts';

/** What a value is read from. */
export interface ColumnSource {
  readonly column: ExternalColumn;
  /** SQL for the value in the file. */
  readonly raw: string;
}

export interface ValueContext {
  readonly format: 'delimited' | 'opencsv' | 'parquet';
  readonly handling: DataHandling;
  /** SQL for the file's address in S3. */
  readonly file: string;
}

interface ColumnValue {
  readonly value: string;
  /** When all values of the row become NULL (DROP_ROW). */
  readonly drops?: string;
}

/** One expression with its name for each column. */
export function columnValues(sources: readonly ColumnSource[], context: ValueContext): string[] {
  const values = sources.map((source) => columnValue(source, context));
  const drops = values.flatMap((value) => value.drops ?? []);
  const row = drops.map((condition) => `coalesce(${condition}, false)`).join(' or ');
  return sources.map(({ column }, index) => {
    const value = values[index]?.value ?? 'null';
    const kept = row === '' ? value : `case when ${row} then null else ${value} end`;
    return `${kept} as ${quoteName(column.name)}`;
  });
}

function columnValue({ column, raw }: ColumnSource, context: ValueContext): ColumnValue {
  const { type } = column;
  if (type.length !== undefined) return textValue(column, type.length, raw, context);
  if (context.format === 'parquet') return { value: `cast(${raw} as ${duckType(type)})` };
  const converted = convertedText(type, raw, context.format);
  // Text that is no value of the type is NULL in a DELIMITED file. With the SerDe it is an error, as in Athena.
  const unknown =
    context.format === 'opencsv'
      ? failure(`Invalid value for column '${column.name}' of type ${typeText(type)}`, context)
      : 'null';
  const overflow = overflowValue(column, raw, unknown, context);
  const fits = `when ${converted} is not null then ${converted}`;
  const value = `case when ${raw} is null then null ${fits} when ${isNumber(type, raw)} then ${overflow} else ${unknown} end`;
  return context.handling.numericOverflow === 'DROP_ROW'
    ? { value, drops: `${converted} is null and ${isNumber(type, raw)}` }
    : { value };
}

/** Text that is too long is truncated to the column's bytes unless the table says otherwise (r_CREATE_EXTERNAL_TABLE). */
function textValue(
  column: ExternalColumn,
  length: number,
  raw: string,
  context: ValueContext,
): ColumnValue {
  const tooLong = `strlen(${raw}) > ${length}`;
  const unless = (otherwise: string) => `case when ${tooLong} then ${otherwise} else ${raw} end`;
  switch (context.handling.surplusChar) {
    case 'SET_TO_NULL':
      return { value: unless('null') };
    case 'FAIL':
      return {
        value: unless(
          failure(
            `The length of the data column ${column.name} is longer than the length defined in the table. Table: ${length}`,
            context,
          ),
        ),
      };
    case 'DROP_ROW':
      return { value: raw, drops: tooLong };
    case 'DISABLED':
    case 'TRUNCATE':
    case undefined:
      return { value: `rs_varchar(${raw}, ${length})` };
  }
}

/** The value, or NULL if the text is none. */
function convertedText(type: ColumnType, raw: string, format: 'delimited' | 'opencsv'): string {
  const trimmed = `trim(${raw})`;
  if (bounds[type.name] !== undefined) {
    return `case when ${isNumber(type, raw)} then try_cast(${trimmed} as ${type.name}) end`;
  }
  return type.name === 'date' || type.name === 'timestamp'
    ? `rs_external_${type.name}(${trimmed}, ${format === 'opencsv'})`
    : `try_cast(${trimmed} as ${duckType(type)})`;
}

/** Whether the text is a number that the type would have if it were large enough. */
function isNumber(type: ColumnType, raw: string): string {
  const digits =
    bounds[type.name] === undefined ? String.raw`([0-9]+\.?[0-9]*|\.[0-9]+)` : '[0-9]+';
  return bounds[type.name] === undefined && type.name !== 'decimal'
    ? 'false'
    : `regexp_full_match(trim(${raw}), '[+-]?${digits}')`;
}

/** The largest number of each type of integers, and the smallest. */
const bounds: Partial<Record<ColumnType['name'], readonly [string, string]>> = {
  smallint: ['32767', '-32768'],
  integer: ['2147483647', '-2147483648'],
  bigint: ['9223372036854775807', '-9223372036854775808'],
};

/** An integer in a DELIMITED file becomes the nearest one that fits: OVERFLOW_VALUE in r_SVL_SPECTRUM_SCAN_ERROR. */
function overflowValue(
  { name, type }: ExternalColumn,
  raw: string,
  unknown: string,
  context: ValueContext,
): string {
  switch (context.handling.numericOverflow) {
    case 'FAIL':
      return failure(`Numeric overflow in column '${name}' of type ${typeText(type)}`, context);
    case 'SET_TO_NULL':
    case 'DROP_ROW':
      return 'null';
    case 'DISABLED':
    case undefined: {
      const [largest, smallest] = bounds[type.name] ?? [];
      if (largest === undefined || smallest === undefined || context.format === 'opencsv') {
        return unknown;
      }
      return `cast(if(starts_with(trim(${raw}), '-'), ${smallest}, ${largest}) as ${type.name})`;
    }
  }
}

/** Ends the statement with Spectrum's error; duckdb-errors.ts gives it its form. */
function failure(text: string, { file }: ValueContext): string {
  return `error(${quoteLiteral(`rs:scan:${text}:file:`)} || ${file})`;
}

/** Created at each start, like the functions of the dialect. */
export const columnFunctions: readonly string[] = [
  // A year below 100 is one of 1970 to 2069 (r_CREATE_EXTERNAL_TABLE).
  `create or replace macro main.rs_century(x) as case
    when year(x) >= 100 then x
    when year(x) < 70 then cast(x + interval 2000 years as date)
    else cast(x + interval 1900 years as date)
  end`,
  // The formats of r_CREATE_EXTERNAL_TABLE; with the SerDe also days since 1970, as in Athena.
  `create or replace macro main.rs_external_date(x, days) as case
    when days and regexp_full_match(x, '-?[0-9]{1,7}')
    then date '1970-01-01' + cast(x as integer)
    else rs_century(cast(try_strptime(
      x, ['%m-%d-%Y', '%Y-%m-%d', '%b-%d-%Y', '%d-%b-%Y', '%Y-%b-%d']
    ) as date))
  end`,
  // The only format that Spectrum reads, with any number of decimals; with the SerDe also milliseconds since 1970.
  `create or replace macro main.rs_external_timestamp(x, milliseconds) as case
    when milliseconds and regexp_full_match(x, '-?[0-9]{1,15}')
    then epoch_ms(cast(x as bigint))
    when regexp_full_match(x, '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?')
    then try_cast(x as timestamp)
  end`,
];

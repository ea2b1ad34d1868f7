/** Functions of Redshift that DuckDB calls in JavaScript. The macros of own-functions.ts give them their optional arguments. */
import { createHash } from 'node:crypto';
import {
  BIGINT,
  BOOLEAN,
  DuckDBScalarFunction,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { formatNumber, parseNumber } from './number-format.ts';
import {
  countMatches,
  matchedText,
  positionOfMatch,
  replaceMatches,
} from './regular-expressions.ts';
import { formatTime } from './time-format.ts';
import { parseTime } from './time-parse.ts';

type Arguments = readonly DuckDBValue[];
type Definition = readonly [
  name: string,
  parameters: readonly DuckDBType[],
  returns: DuckDBType,
  compute: (values: Arguments) => DuckDBValue,
];

const text = (values: Arguments, index: number): string => String(values[index]);
const whole = (values: Arguments, index: number): number => Number(values[index]);

const definitions: readonly Definition[] = [
  ['js_sha2', [VARCHAR, INTEGER], VARCHAR, (v) => sha2(text(v, 0), whole(v, 1))],
  ['js_crc32', [VARCHAR], VARCHAR, (v) => crc32c(text(v, 0))],
  ['js_strtol', [VARCHAR, INTEGER], BIGINT, (v) => strtol(text(v, 0), whole(v, 1))],
  ['js_initcap', [VARCHAR], VARCHAR, (v) => initcap(text(v, 0))],
  [
    'js_regexp_count',
    [VARCHAR, VARCHAR, INTEGER, VARCHAR],
    INTEGER,
    (v) => countMatches(text(v, 0), text(v, 1), whole(v, 2), text(v, 3)),
  ],
  [
    'js_regexp_instr',
    [VARCHAR, VARCHAR, INTEGER, INTEGER, INTEGER, VARCHAR],
    INTEGER,
    (v) =>
      positionOfMatch(text(v, 0), text(v, 1), whole(v, 2), whole(v, 3), whole(v, 4), text(v, 5)),
  ],
  [
    'js_regexp_substr',
    [VARCHAR, VARCHAR, INTEGER, INTEGER, VARCHAR],
    VARCHAR,
    (v) => matchedText(text(v, 0), text(v, 1), whole(v, 2), whole(v, 3), text(v, 4)),
  ],
  [
    'js_regexp_replace',
    [VARCHAR, VARCHAR, VARCHAR, INTEGER, VARCHAR],
    VARCHAR,
    (v) => replaceMatches(text(v, 0), text(v, 1), text(v, 2), whole(v, 3), text(v, 4)),
  ],
  ['js_format_number', [VARCHAR, VARCHAR], VARCHAR, (v) => formatNumber(text(v, 0), text(v, 1))],
  ['js_parse_number', [VARCHAR, VARCHAR], VARCHAR, (v) => parseNumber(text(v, 0), text(v, 1))],
  ['js_format_time', [VARCHAR, VARCHAR], VARCHAR, (v) => formatTime(text(v, 0), text(v, 1))],
  [
    'js_parse_time',
    [VARCHAR, VARCHAR, BOOLEAN],
    VARCHAR,
    (v) => parseTime(text(v, 0), text(v, 1), v[2] === true),
  ],
  [
    'js_json_path',
    [VARCHAR, VARCHAR, BOOLEAN],
    VARCHAR,
    (v) => jsonPath(text(v, 0), JSON.parse(text(v, 1)) as string[], v[2] === true),
  ],
];

/** Registers them for all connections of the instance. NULL in any argument gives NULL. */
export function registerScriptFunctions(connection: DuckDBConnection): void {
  for (const [name, parameterTypes, returnType, compute] of definitions) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes,
        returnType,
        mainFunction: (_, input, output) => {
          const columns = parameterTypes.map((__, index) => input.getColumnVector(index));
          for (let row = 0; row < input.rowCount; row += 1) {
            const values = columns.map((column) => column.getItem(row));
            output.setItem(row, values.includes(null) ? null : computed(compute, values));
          }
          output.flush();
        },
      }),
    );
  }
}

/** DuckDB puts the name of its error class first; the prefix lets duckdb-errors.ts find the text. */
function computed(compute: (values: Arguments) => DuckDBValue, values: Arguments): DuckDBValue {
  try {
    return compute(values);
  } catch (error) {
    if (error instanceof WarehouseError)
      throw new Error(`rs:error:${error.message}`, { cause: error });
    throw error;
  }
}

/** The digest in hexadecimal; 0 means 256 bits, and other numbers than the four give an empty text (SHA2). */
function sha2(value: string, bits: number): string {
  const length = bits === 0 ? 256 : bits;
  if (![224, 256, 384, 512].includes(length)) return '';
  return createHash(`sha${length}`).update(value).digest('hex');
}

/** CRC32, which in Redshift is Castagnoli's: the example of its page has that value. */
function crc32c(value: string): string {
  let register = 0xffffffff;
  for (const byte of Buffer.from(value)) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      register = register & 1 ? (register >>> 1) ^ 0x82f63b78 : register >>> 1;
    }
  }
  return (~register >>> 0).toString(16).padStart(8, '0');
}

/** @throws WarehouseError for a text that is no number of the base (r_STRTOL). */
function strtol(value: string, base: number): bigint {
  const digits = value.trim().toLowerCase();
  const [, sign = '', body = ''] =
    /^([+-]?)([0-9a-z]+)$/.exec(base === 16 ? digits.replace('0x', '') : digits) ?? [];
  let result = 0n;
  for (const digit of body) {
    const number = Number.parseInt(digit, 36);
    if (number >= base) throw notOfBase(value, base);
    result = result * BigInt(base) + BigInt(number);
  }
  if (body === '') throw notOfBase(value, base);
  return sign === '-' ? -result : result;
}

function notOfBase(value: string, base: number): WarehouseError {
  return new WarehouseError(`The input ${value} is not valid to be converted to base ${base}`);
}

/** Each run of letters and digits begins with an upper-case letter. */
function initcap(value: string): string {
  return value
    .toLowerCase()
    .replace(/[\p{L}\p{N}]+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

/** The element at the path as text; NULL or an error for invalid JSON, and an empty text for a missing element. */
function jsonPath(json: string, path: readonly string[], nullIfInvalid: boolean): string | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    if (nullIfInvalid) return null;
    throw new WarehouseError('JSON parsing error');
  }
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[key];
  }
  if (value === undefined) return '';
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

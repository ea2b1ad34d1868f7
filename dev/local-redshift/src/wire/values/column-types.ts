/** The columns and values of a result as the protocol has them: type OIDs, text and binary formats. */
import {
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { numericBytes } from './numeric-format.ts';

export interface ResultColumn {
  readonly name: string;
  readonly oid: number;
  /** Bytes of a value; -1 if they vary. */
  readonly size: number;
  /** Precision and scale of a numeric; -1 if there is none. */
  readonly modifier: number;
}

/** The OIDs of PostgreSQL's types that Redshift has. */
export const oids = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  float4: 700,
  float8: 701,
  unknown: 705,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
} as const;

const types: ReadonlyMap<DuckDBTypeId, readonly [oid: number, size: number]> = new Map<
  DuckDBTypeId,
  readonly [number, number]
>([
  [DuckDBTypeId.BOOLEAN, [oids.bool, 1]],
  [DuckDBTypeId.TINYINT, [oids.int2, 2]],
  [DuckDBTypeId.UTINYINT, [oids.int2, 2]],
  [DuckDBTypeId.SMALLINT, [oids.int2, 2]],
  [DuckDBTypeId.USMALLINT, [oids.int4, 4]],
  [DuckDBTypeId.INTEGER, [oids.int4, 4]],
  [DuckDBTypeId.UINTEGER, [oids.int8, 8]],
  [DuckDBTypeId.BIGINT, [oids.int8, 8]],
  [DuckDBTypeId.UBIGINT, [oids.numeric, -1]],
  [DuckDBTypeId.HUGEINT, [oids.numeric, -1]],
  [DuckDBTypeId.DECIMAL, [oids.numeric, -1]],
  [DuckDBTypeId.FLOAT, [oids.float4, 4]],
  [DuckDBTypeId.DOUBLE, [oids.float8, 8]],
  [DuckDBTypeId.DATE, [oids.date, 4]],
  [DuckDBTypeId.TIME, [oids.time, 8]],
  [DuckDBTypeId.TIMESTAMP, [oids.timestamp, 8]],
  [DuckDBTypeId.TIMESTAMP_TZ, [oids.timestamptz, 8]],
]);

/** Types that Redshift does not have are returned as text. */
export function resultColumn(name: string, type: DuckDBType): ResultColumn {
  const [oid, size] = types.get(type.typeId) ?? [oids.varchar, -1];
  const modifier =
    type instanceof DuckDBDecimalType
      ? (type.width << 16) + type.scale + 4
      : // Clients read the precision of a numeric from it; Redshift's largest is 38.
        oid === oids.numeric
        ? (38 << 16) + 4
        : -1;
  return { name, oid, size, modifier };
}

/** One value in a row. `oid` is that of the column as it was described to the client. */
export function encodeValue(
  value: DuckDBValue,
  oid: number,
  binary: boolean,
): string | Buffer | null {
  if (value === null) return null;
  if (binary) return binaryValue(value, oid);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

/** Days and microseconds count from 2000-01-01. */
const epochDays = 10_957;
const epochMicros = 946_684_800_000_000n;

function binaryValue(value: DuckDBValue, oid: number): Buffer {
  switch (oid) {
    case oids.bool:
      return Buffer.of(value === true ? 1 : 0);
    case oids.int2:
      return write(2, (bytes) => bytes.writeInt16BE(Number(value)));
    case oids.int4:
      return write(4, (bytes) => bytes.writeInt32BE(Number(value)));
    case oids.int8:
      return int64(BigInt(String(value)));
    case oids.float4:
      return write(4, (bytes) => bytes.writeFloatBE(Number(String(value))));
    case oids.float8:
      return write(8, (bytes) => bytes.writeDoubleBE(Number(String(value))));
    case oids.numeric:
      return numericBytes(String(value));
    case oids.date:
      if (!(value instanceof DuckDBDateValue)) break;
      return write(4, (bytes) => bytes.writeInt32BE(value.days - epochDays));
    case oids.time:
      if (!(value instanceof DuckDBTimeValue)) break;
      return int64(value.micros);
    case oids.timestamp:
    case oids.timestamptz:
      if (!(value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue))
        break;
      return int64(value.micros - epochMicros);
  }
  // The binary form of text is the text.
  return Buffer.from(String(value));
}

function write(size: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  fill(bytes);
  return bytes;
}

function int64(value: bigint): Buffer {
  return write(8, (bytes) => bytes.writeBigInt64BE(value));
}

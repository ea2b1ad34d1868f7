/** Result values in the format of the Data API, and Redshift's names for their types. */
import {
  DuckDBDecimalType,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

export type Field =
  | { readonly isNull: true }
  | { readonly booleanValue: boolean }
  | { readonly longValue: number }
  | { readonly doubleValue: number | string }
  | { readonly stringValue: string };

export interface ColumnMetadata {
  readonly name: string;
  readonly label: string;
  readonly typeName: string;
  readonly precision: number;
  readonly scale: number;
  readonly length: number;
  readonly nullable: number;
  readonly isCaseSensitive: boolean;
  readonly isCurrency: boolean;
  readonly isSigned: boolean;
  readonly schemaName: string;
  readonly tableName: string;
}

type TypeShape = readonly [name: string, precision: number, signed: boolean];

const shapes: ReadonlyMap<DuckDBTypeId, TypeShape> = new Map<DuckDBTypeId, TypeShape>([
  [DuckDBTypeId.BOOLEAN, ['bool', 1, false]],
  [DuckDBTypeId.TINYINT, ['int2', 5, true]],
  [DuckDBTypeId.SMALLINT, ['int2', 5, true]],
  [DuckDBTypeId.INTEGER, ['int4', 10, true]],
  [DuckDBTypeId.BIGINT, ['int8', 19, true]],
  [DuckDBTypeId.HUGEINT, ['numeric', 38, true]],
  [DuckDBTypeId.DECIMAL, ['numeric', 38, true]],
  [DuckDBTypeId.FLOAT, ['float4', 8, true]],
  [DuckDBTypeId.DOUBLE, ['float8', 17, true]],
  [DuckDBTypeId.DATE, ['date', 13, false]],
  [DuckDBTypeId.TIMESTAMP, ['timestamp', 29, false]],
  [DuckDBTypeId.TIMESTAMP_TZ, ['timestamptz', 35, false]],
  [DuckDBTypeId.TIME, ['time', 15, false]],
]);

/** Types that Redshift does not have are returned as text. */
function shapeOf(type: DuckDBType): TypeShape {
  return shapes.get(type.typeId) ?? ['varchar', 65_535, false];
}

export function columnMetadata(name: string, type: DuckDBType): ColumnMetadata {
  const [typeName, precision, isSigned] = shapeOf(type);
  return {
    name,
    label: name,
    typeName,
    precision: type instanceof DuckDBDecimalType ? type.width : precision,
    scale: type instanceof DuckDBDecimalType ? type.scale : 0,
    length: 0,
    nullable: 1,
    isCaseSensitive: typeName === 'varchar',
    isCurrency: false,
    isSigned,
    schemaName: '',
    tableName: '',
  };
}

/** Decimals, dates and times are returned as text, without loss. */
export function toField(value: DuckDBValue, type: DuckDBType): Field {
  if (value === null) return { isNull: true };
  const [typeName] = shapeOf(type);
  switch (typeName) {
    case 'bool':
      return { booleanValue: value === true };
    case 'int2':
    case 'int4':
    case 'int8':
      return { longValue: Number(value) };
    case 'float4':
    case 'float8':
      return { doubleValue: Number.isFinite(value) ? Number(value) : String(value) };
    default:
      return { stringValue: typeof value === 'string' ? value : value.toString() };
  }
}

/** A field in the CSV result format; NULL is empty. */
export function toCsv(field: Field): string {
  if ('isNull' in field) return '';
  const text = String(Object.values<string | number | boolean>(field)[0]);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

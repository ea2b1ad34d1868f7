/** The definitions of external schemas, tables and partitions. */

export interface ExternalSchema {
  readonly name: string;
  /** The database in the data catalog. */
  readonly database: string;
  readonly iamRole: string;
}

/** A column's type in Redshift, with length or precision if it has one. */
export interface ColumnType {
  readonly name:
    | 'smallint'
    | 'integer'
    | 'bigint'
    | 'decimal'
    | 'real'
    | 'double precision'
    | 'boolean'
    | 'char'
    | 'varchar'
    | 'date'
    | 'timestamp';
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

export interface ExternalColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export type ExternalFormat =
  | { readonly kind: 'parquet' }
  | { readonly kind: 'delimited'; readonly delimiter: string; readonly nullText: string }
  | {
      readonly kind: 'opencsv';
      readonly separator: string;
      readonly quote: string;
      readonly escape: string;
      /** Whether newlines inside quotes belong to the field. Otherwise every line is a row. */
      readonly wholeFile: boolean;
      /** The text for NULL; without it, no field is NULL. */
      readonly nullText?: string;
    };

export interface ExternalTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ExternalColumn[];
  readonly partitionColumns: readonly ExternalColumn[];
  readonly format: ExternalFormat;
  readonly skipHeaderLines: number;
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** The values are in the order of the table's partition columns. */
export interface ExternalPartition {
  readonly values: readonly string[];
  readonly location: string;
}

/** A type in DDL syntax, e.g. `varchar(40)`. */
export function typeText(type: ColumnType): string {
  if (type.length !== undefined) return `${type.name}(${type.length})`;
  if (type.precision !== undefined) return `${type.name}(${type.precision},${type.scale ?? 0})`;
  return type.name;
}

/** The type of the same values in DuckDB. */
export function duckType(type: ColumnType): string {
  if (type.length !== undefined) return 'varchar';
  return type.precision === undefined
    ? type.name
    : `decimal(${type.precision}, ${type.scale ?? 0})`;
}

/** Parses a column type of an external table. */
import type { ColumnType } from './external-definition.ts';
import type { TokenCursor } from '../sql/token-cursor.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const names: Readonly<Record<string, ColumnType['name']>> = {
  smallint: 'smallint',
  int2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  decimal: 'decimal',
  numeric: 'decimal',
  real: 'real',
  float4: 'real',
  float: 'double precision',
  float8: 'double precision',
  boolean: 'boolean',
  bool: 'boolean',
  char: 'char',
  varchar: 'varchar',
  string: 'varchar',
  date: 'date',
  timestamp: 'timestamp',
};

/** Parses the next type. @throws WarehouseError that names an unknown or nested type. */
export function readType(cursor: TokenCursor): ColumnType {
  if (cursor.accept('double', 'precision')) return { name: 'double precision' };
  if (cursor.accept('character', 'varying')) return sized(cursor, 'varchar');
  if (cursor.accept('character')) return sized(cursor, 'char');
  const word = cursor.name();
  const name = names[word];
  if (name === undefined) {
    throw new WarehouseError(`type "${word}" is not supported for external tables here`);
  }
  if (name === 'decimal') return decimal(cursor);
  return name === 'char' || name === 'varchar' ? sized(cursor, name) : { name };
}

function sized(cursor: TokenCursor, name: 'char' | 'varchar'): ColumnType {
  // The default length is 1 for char and 256 for varchar (r_Character_types).
  let length = name === 'char' ? 1 : 256;
  if (cursor.acceptSymbol('(')) {
    if (cursor.accept('max')) length = 65_535;
    else length = cursor.integer();
    cursor.expectSymbol(')');
  }
  return { name, length };
}

function decimal(cursor: TokenCursor): ColumnType {
  let [precision, scale] = [18, 0];
  if (cursor.acceptSymbol('(')) {
    precision = cursor.integer();
    if (cursor.acceptSymbol(',')) scale = cursor.integer();
    cursor.expectSymbol(')');
  }
  return { name: 'decimal', precision, scale };
}

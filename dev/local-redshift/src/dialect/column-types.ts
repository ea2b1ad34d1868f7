/** The types that Redshift has (c_Supported_data_types), and those of PostgreSQL and DuckDB that it has not. */
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** The first word of each type. */
const columnTypes = words(`
  smallint int2 integer int int4 bigint int8 decimal dec numeric real float4 double float8 float boolean bool char
  character nchar bpchar varchar nvarchar text date timestamp timestamptz time timetz geometry geography hllsketch
  super varbyte varbinary binary interval
`);

/** Types of the leader node, which its catalog uses. */
const catalogTypes = words(
  'name oid regclass regproc regtype xid tid int2vector oidvector unknown',
);

/** Types of PostgreSQL 8.0 that no table can have; all others do not exist at all. */
const unsupportedTypes = words(`
  bytea bit money inet cidr macaddr point line lseg box path polygon circle serial serial4 bigserial serial8 "char"
  ${[...catalogTypes].join(' ')}
`);

/** @throws WarehouseError if a column of a table cannot have this type. */
export function refuseColumnType(column: string, type: readonly Token[]): void {
  const [first] = type;
  const name = first?.text.toLowerCase() ?? '';
  const array = type.some((token) => isSymbol(token, '[') || isWord(token, 'array'));
  if (columnTypes.has(name) && !array && !isBareInterval(type)) return;
  if (array || columnTypes.has(name) || unsupportedTypes.has(name)) {
    throw new WarehouseError(
      `Column "${column}" has unsupported type "${name}${array ? '[]' : ''}".`,
    );
  }
  throw new WarehouseError(`type "${name}" does not exist`);
}

/** A column of intervals needs its fields: `interval year to month` (r_interval_data_types). */
function isBareInterval(type: readonly Token[]): boolean {
  return (
    isWord(type[0], 'interval') &&
    !isWord(type[1], 'year', 'month', 'day', 'hour', 'minute', 'second')
  );
}

/** @throws WarehouseError for a cast to a type that does not exist. */
export function refuseCasts(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const type = castTarget(tokens, index);
    if (type?.kind !== 'word') continue;
    const name = type.text.toLowerCase();
    if (!columnTypes.has(name) && !catalogTypes.has(name) && name !== 'bit') {
      throw new WarehouseError(`type "${name}" does not exist`);
    }
    const next = tokens.indexOf(type) + 1;
    if (isSymbol(tokens[next], '[') && isSymbol(token, '::')) {
      throw new WarehouseError(`type "${name}[]" is not supported`);
    }
  }
}

/** The type after `::`, or after the AS of a CAST. */
function castTarget(tokens: readonly Token[], index: number): Token | undefined {
  if (isSymbol(tokens[index], '::')) return tokens[index + 1];
  if (!isWord(tokens[index], 'as')) return undefined;
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    if (isSymbol(tokens[at], ')')) depth += 1;
    if (!isSymbol(tokens[at], '(')) continue;
    if (depth === 0)
      return isWord(tokens[at - 1], 'cast', 'try_cast') ? tokens[index + 1] : undefined;
    depth -= 1;
  }
  return undefined;
}

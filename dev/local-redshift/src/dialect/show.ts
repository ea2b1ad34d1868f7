/** SHOW (r_SHOW and its variants), as queries of DuckDB. */
import { isWord, quoteLiteral, quoteName, type Token } from '../sql/sql-tokens.ts';
import { TokenCursor } from '../sql/token-cursor.ts';
import { parameters } from '../warehouse/parameters.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** The SQL of DuckDB whose result SHOW returns. @throws WarehouseError for a parameter that does not exist. */
export function showQuery(tokens: readonly Token[]): string {
  const cursor = new TokenCursor(tokens);
  cursor.expect('show');
  const read = variants.find(({ words }) =>
    words.every((word, index) => isWord(cursor.peek(index), word)),
  );
  if (read === undefined) return parameter(cursor);
  cursor.accept(...read.words);
  const sql = read.query(cursor);
  const pattern = cursor.accept('like') ? cursor.string() : undefined;
  const limit = cursor.accept('limit') ? ` limit ${cursor.integer()}` : '';
  cursor.end();
  const matching = pattern === undefined ? '' : ` where ${read.name} like ${quoteLiteral(pattern)}`;
  return `select * from (${sql})${matching}${limit}`;
}

function parameter(cursor: TokenCursor): string {
  const words = [cursor.name()];
  while (!cursor.atEnd) words.push(cursor.name());
  const name = words.join(' ');
  const sql = parameterQuery(name, parameters);
  if (sql === undefined) {
    throw new WarehouseError(`unrecognized configuration parameter "${name}"`);
  }
  return sql;
}

/** Names of several words, as SHOW takes them. */
const longNames: ReadonlyMap<string, string> = new Map([
  ['time zone', 'timezone'],
  ['transaction isolation level', 'transaction_isolation'],
]);

/** The SQL of SHOW for one of these parameters, or `all`. Undefined if there is none of this name. */
export function parameterQuery(
  name: string,
  values: ReadonlyMap<string, string>,
): string | undefined {
  if (name === 'all') {
    const rows = [...values].map((row) => `(${row.map(quoteLiteral).join(', ')})`);
    return `select * from (values ${rows.join(', ')}) as t("name", setting) order by 1`;
  }
  const short = longNames.get(name) ?? name;
  const value = values.get(short);
  return value === undefined ? undefined : `select ${quoteLiteral(value)} as ${quoteName(short)}`;
}

interface Variant {
  readonly words: readonly string[];
  /** The column to which LIKE applies. */
  readonly name: string;
  readonly query: (cursor: TokenCursor) => string;
}

const variants: readonly Variant[] = [
  {
    words: ['databases'],
    name: 'database_name',
    query: () => `select current_database() as database_name, 100 as database_owner,
      'local' as database_type, cast(null as varchar) as database_acl, cast(null as varchar) as parameters,
      'Serializable' as database_isolation_level`,
  },
  {
    words: ['schemas', 'from', 'database'],
    name: 'schema_name',
    query: (cursor) => {
      cursor.name();
      return `select current_database() as database_name, schema_name, 100 as schema_owner, 'local' as schema_type,
          cast(null as varchar) as schema_acl, cast(null as varchar) as source_database,
          cast(null as varchar) as schema_option
        from duckdb_schemas()
        where database_name = current_database() and not internal and schema_name not in ('main', 'warehouse')
        union all
        select current_database(), schemaname, 100, 'external', null, databasename, esoptions
        from main.svv_external_schemas order by 2`;
    },
  },
  {
    words: ['tables', 'from', 'schema'],
    name: 'table_name',
    query: (cursor) => {
      const [schema = ''] = qualified(cursor).slice(-1);
      return `select table_catalog as database_name, table_schema as schema_name, table_name,
          case table_type when 'BASE TABLE' then 'TABLE' else table_type end as table_type,
          cast(null as varchar) as table_acl, remarks
        from main.svv_tables where table_schema = ${quoteLiteral(schema)} order by 3`;
    },
  },
  {
    words: ['columns', 'from', 'table'],
    name: 'column_name',
    query: (
      cursor,
    ) => `select table_catalog as database_name, table_schema as schema_name, table_name,
        column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length,
        numeric_precision, remarks
      from main.svv_columns where ${isTable(cursor, 'table_schema', 'table_name')} order by ordinal_position`,
  },
  {
    words: ['table'],
    name: '"Show Table DDL statement"',
    query: (
      cursor,
    ) => `select 'CREATE TABLE ' || table_schema || '.' || table_name || ' (' || chr(10) ||
        string_agg('    ' || column_name || ' ' || data_type
          || case when character_maximum_length is not null then '(' || character_maximum_length || ')'
            when data_type = 'numeric' then '(' || numeric_precision || ',' || numeric_scale || ')' else '' end
          || case is_nullable when 'NO' then ' NOT NULL' else '' end, ',' || chr(10) order by ordinal_position)
        || chr(10) || ') DISTSTYLE AUTO;' as "Show Table DDL statement"
      from main.svv_columns where ${isTable(cursor, 'table_schema', 'table_name')}
      group by table_schema, table_name`,
  },
  {
    words: ['view'],
    name: '"Show View DDL statement"',
    query: (
      cursor,
    ) => `select regexp_replace(sql, '^CREATE VIEW .*? AS ', '', 's') as "Show View DDL statement"
      from duckdb_views() where database_name = current_database() and ${isTable(cursor, 'schema_name', 'view_name')}`,
  },
];

/** The parts of a name with up to three. */
function qualified(cursor: TokenCursor): string[] {
  const names = [cursor.name()];
  while (cursor.acceptSymbol('.')) names.push(cursor.name());
  return names;
}

function isTable(cursor: TokenCursor, schemaColumn: string, nameColumn: string): string {
  const names = qualified(cursor);
  const name = names.pop() ?? '';
  const schema = names.pop() ?? 'public';
  return `${schemaColumn} = ${quoteLiteral(schema)} and ${nameColumn} = ${quoteLiteral(name)}`;
}

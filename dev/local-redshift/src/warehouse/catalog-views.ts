/**
 * PostgreSQL's catalog as far as clients ask for it when they list schemas, tables and columns. DuckDB has tables of
 * these names, but with other OIDs, and they show the emulator's schema.
 */
import { warehouseUser } from '@user-behaviour/local-cloud/environment';
import { quoteLiteral } from '../sql/sql-tokens.ts';

/** OID, name, bytes, category, and the name that format_type gives. */
const types: readonly (readonly [number, string, number, string, string])[] = [
  [16, 'bool', 1, 'B', 'boolean'],
  [18, 'char', 1, 'S', '"char"'],
  [19, 'name', 64, 'S', 'name'],
  [20, 'int8', 8, 'N', 'bigint'],
  [21, 'int2', 2, 'N', 'smallint'],
  [23, 'int4', 4, 'N', 'integer'],
  [25, 'text', -1, 'S', 'text'],
  [26, 'oid', 4, 'N', 'oid'],
  [700, 'float4', 4, 'N', 'real'],
  [701, 'float8', 8, 'N', 'double precision'],
  [1042, 'bpchar', -1, 'S', 'character'],
  [1043, 'varchar', -1, 'S', 'character varying'],
  [1082, 'date', 4, 'D', 'date'],
  [1083, 'time', 8, 'D', 'time without time zone'],
  [1114, 'timestamp', 8, 'D', 'timestamp without time zone'],
  [1184, 'timestamptz', 8, 'D', 'timestamp with time zone'],
  [1186, 'interval', 16, 'T', 'interval'],
  [1700, 'numeric', -1, 'N', 'numeric'],
];

const typeRows = types
  .map(
    ([oid, name, size, category, title]) =>
      `(${[oid, quoteLiteral(name), size, quoteLiteral(category), quoteLiteral(title)].join(', ')})`,
  )
  .join(', ');

const ours = `database_name = current_database() and schema_name not in ('main', 'warehouse')`;
const user = quoteLiteral(warehouseUser);
const no = 'cast(false as boolean)';

export const catalogViews: readonly string[] = [
  `create or replace macro main.pg_encoding_to_char(id) as 'UNICODE'`,
  `create or replace macro main.pg_get_expr(x, id) as x, (x, id, pretty) as x`,
  `create or replace macro main.pg_get_indexdef(x) as null, (x, y, z) as null`,
  `create or replace view main.rs_type as
    select * from (values ${typeRows}) as t(oid, typname, typlen, typcategory, title)`,
  `create or replace macro main.format_type(id, modifier) as
    (select case
        when id = 1700 and modifier > 0
          then 'numeric(' || ((modifier - 4) >> 16) || ',' || ((modifier - 4) & 65535) || ')'
        when id in (1042, 1043) and modifier > 0 then title || '(' || (modifier - 4) || ')'
        else title end
      from main.rs_type where oid = id)`,
  `create or replace view main.pg_namespace as
    select oid, schema_name as nspname, 100 as nspowner, cast(null as varchar) as nspacl
    from duckdb_schemas() where ${ours}
    union all
    select 1000000 + row_number() over (order by schema_name), schema_name, 100, null
    from warehouse.external_schema`,
  `create or replace view main.pg_type as
    select oid, typname, (select min(n.oid) from main.pg_namespace as n where n.nspname = 'pg_catalog') as typnamespace, 100 as typowner, typlen, typlen between 1 and 8 as typbyval,
      'b' as typtype, typcategory, true as typisdefined, ',' as typdelim, 0 as typrelid, 0 as typelem, 0 as typarray,
      '-' as typinput, typname || 'in' as typoutput, false as typnotnull, 0 as typbasetype, -1 as typtypmod,
      0 as typndims, 0 as typcollation, cast(null as varchar) as typdefault
    from main.rs_type`,
  `create or replace view main.pg_class as
    select oid, relname, relnamespace, 0 as reltype, 0 as reloftype, 100 as relowner, 0 as relam, oid as relfilenode,
      0 as reltablespace, 0 as relpages, reltuples, 0 as reltoastrelid, false as relhasindex, false as relisshared,
      'p' as relpersistence, relkind, relnatts, 0 as relchecks, false as relhasoids, false as relhaspkey,
      false as relhasrules, false as relhastriggers, false as relhassubclass, false as relrowsecurity,
      false as relforcerowsecurity, 'd' as relreplident, false as relispartition, cast(null as varchar) as relacl,
      cast(null as varchar) as reloptions, cast(null as varchar) as relpartbound
    from (
      select table_oid as oid, table_name as relname, schema_oid as relnamespace,
        cast(estimated_size as real) as reltuples, 'r' as relkind, column_count as relnatts
      from duckdb_tables() where ${ours}
      union all
      select view_oid, view_name, schema_oid, 0, 'v', column_count
      from duckdb_views() where ${ours} and not internal
    ) as r`,
  `create or replace view main.pg_attribute as
    select r.oid as attrelid, c.column_name as attname, t.oid as atttypid, -1 as attstattarget, t.typlen as attlen,
      c.ordinal_position as attnum, 0 as attndims,
      case when t.oid = 1700 then (c.numeric_precision << 16) + c.numeric_scale + 4
        when c.character_maximum_length is not null then c.character_maximum_length + 4 else -1 end as atttypmod,
      c.is_nullable = 'NO' as attnotnull, c.column_default is not null as atthasdef, ${no} as attisdropped,
      true as attislocal, '' as attidentity, '' as attgenerated, 0 as attcollation, 0 as attinhcount,
      cast(null as varchar) as attacl
    from main.svv_columns as c
    inner join main.pg_namespace as n on n.nspname = c.table_schema
    inner join main.pg_class as r on r.relnamespace = n.oid and r.relname = c.table_name
    inner join main.rs_type as t on t.title = case when c.data_type like 'numeric%' then 'numeric' else c.data_type end`,
  `create or replace view main.pg_attrdef as
    select a.attrelid * 10000 + a.attnum as oid, a.attrelid as adrelid, a.attnum as adnum,
      c.column_default as adbin, c.column_default as adsrc
    from main.pg_attribute as a
    inner join main.pg_class as r on r.oid = a.attrelid
    inner join main.pg_namespace as n on n.oid = r.relnamespace
    inner join main.svv_columns as c
      on c.table_schema = n.nspname and c.table_name = r.relname and c.column_name = a.attname
    where c.column_default is not null`,
  `create or replace view main.pg_database as
    select 100 as oid, current_database() as datname, 100 as datdba, 6 as encoding, false as datistemplate,
      true as datallowconn, 'C' as datcollate, 'C' as datctype, cast(null as varchar) as datacl, 0 as dattablespace,
      cast(null as varchar) as datconfig`,
  `create or replace view main.pg_user as
    select ${user} as usename, 100 as usesysid, true as usecreatedb, true as usesuper, false as usecatupd,
      '********' as passwd, cast(null as timestamp) as valuntil, cast(null as varchar) as useconfig`,
  `create or replace view main.pg_tables as
    select n.nspname as schemaname, c.relname as tablename, ${user} as tableowner,
      cast(null as varchar) as tablespace, false as hasindexes, false as hasrules, false as hastriggers
    from main.pg_class as c inner join main.pg_namespace as n on n.oid = c.relnamespace where c.relkind = 'r'`,
  `create or replace view main.pg_views as
    select schema_name as schemaname, view_name as viewname, ${user} as viewowner, sql as definition
    from duckdb_views() where ${ours} and not internal`,
  // Empty: the columns of all views are in pg_attribute.
  `create or replace view main.pg_get_late_binding_view_cols as
    select '' as view_schema, '' as view_name, '' as col_name, '' as col_type, 0 as col_num where false`,
  // Empty: there are none in this warehouse.
  ...['pg_index', 'pg_constraint', 'pg_description', 'pg_depend', 'pg_proc', 'pg_am'].map(
    (name) => `create or replace view main.${name} as select * from pg_catalog.${name} where false`,
  ),
  `create or replace view main.pg_rewrite as select 0 as oid, '' as rulename, 0 as ev_class where false`,
  `create or replace view main.pg_inherits as select 0 as inhrelid, 0 as inhparent, 0 as inhseqno where false`,
];

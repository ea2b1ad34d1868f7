/** The warehouse's internal tables, and Redshift's catalog views on them and on DuckDB's catalog. */

/** The endpoint's own state. The views below exclude its schema. */
export const internalTables: readonly string[] = [
  'create schema if not exists warehouse',
  'create table if not exists warehouse.statement (id varchar, record varchar)',
  `create table if not exists warehouse.external_schema
    (schema_name varchar, database_name varchar, iam_role varchar)`,
  // Tables belong to the database in the data catalog, so that dropping the schema keeps them.
  `create table if not exists warehouse.external_table
    (database_name varchar, table_name varchar, definition varchar)`,
  `create table if not exists warehouse.external_column
    (database_name varchar, table_name varchar, column_name varchar, external_type varchar,
      column_number integer, part_key integer)`,
  `create table if not exists warehouse.external_partition
    (database_name varchar, table_name varchar, partition_values varchar, location varchar)`,
];

/** Where DuckDB's catalog says nothing about a documented column. */
const unknown = (names: readonly string[]): string =>
  names.map((name) => `cast(null as varchar) as ${name}`).join(', ');

const serializationLibrary = `case json_extract_string(t.definition, '$.format.kind')
      when 'parquet' then 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
      when 'opencsv' then 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
      else 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' end`;

/** The classes that Glue has for these formats. */
const inputFormat = `if(json_extract_string(t.definition, '$.format.kind') = 'parquet',
      'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat', 'org.apache.hadoop.mapred.TextInputFormat')`;
const outputFormat = `if(json_extract_string(t.definition, '$.format.kind') = 'parquet',
      'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat')`;

/** A condition on DuckDB's catalog functions: only the schemas of the warehouse's users. */
export const ownSchemas = `schema_name not in ('main', 'warehouse', 'information_schema', 'pg_catalog')
    and database_name = current_database()`;

/** DuckDB's types with the names of information_schema. */
const typeName = `case
      when data_type = 'VARCHAR' then 'character varying'
      when data_type = 'DOUBLE' then 'double precision'
      when data_type = 'FLOAT' then 'real'
      when data_type = 'TIMESTAMP' then 'timestamp without time zone'
      when data_type like 'DECIMAL%' or data_type = 'HUGEINT' then 'numeric'
      else lower(data_type) end`;

/**
 * The length in bytes of a varchar column of `duckdb_columns() as c`: from the check that column-definition.ts writes,
 * or from the comment in warehouses that an older version has made.
 */
export const maximumLength = `coalesce(try_cast(regexp_extract(c.comment, '<= (\\d+)', 1) as integer), (
      select max(try_cast(regexp_extract(k.constraint_text, '<= (\\d+)', 1) as integer))
      from duckdb_constraints() as k
      where k.database_name = c.database_name and k.table_oid = c.table_oid and k.constraint_type = 'CHECK'
        and k.constraint_text like '%strlen(%' and list_contains(k.constraint_column_names, c.column_name)
    ))`;

export const systemViews: readonly string[] = [
  `create or replace view main.svv_external_schemas as
    select 0 as esoid, 1 as eskind, schema_name as schemaname, 100 as esowner,
      database_name as databasename,
      to_json({'IAM_ROLE': iam_role})::varchar as esoptions
    from warehouse.external_schema`,
  `create or replace view main.svv_external_tables as
    select current_database() as redshift_database_name, s.schema_name as schemaname,
      t.table_name as tablename, 'EXTERNAL_TABLE' as tabletype,
      json_extract_string(t.definition, '$.location') as location,
      ${inputFormat} as input_format, ${outputFormat} as output_format,
      ${serializationLibrary} as serialization_lib,
      json_extract(t.definition, '$.format')::varchar as serde_parameters, 0 as compressed,
      json_extract(t.definition, '$.properties')::varchar as parameters
    from warehouse.external_schema as s
    inner join warehouse.external_table as t on t.database_name = s.database_name`,
  `create or replace view main.svv_external_columns as
    select current_database() as redshift_database_name, s.schema_name as schemaname,
      c.table_name as tablename, c.column_name as columnname, c.external_type,
      c.column_number as columnnum, c.part_key, 'true' as is_nullable
    from warehouse.external_schema as s
    inner join warehouse.external_column as c on c.database_name = s.database_name`,
  `create or replace view main.svv_external_partitions as
    select s.schema_name as schemaname, p.table_name as tablename, p.partition_values as "values",
      p.location, ${inputFormat} as input_format, ${outputFormat} as output_format,
      ${serializationLibrary} as serialization_lib,
      json_extract(t.definition, '$.format')::varchar as serde_parameters, 0 as compressed,
      json_extract(t.definition, '$.properties')::varchar as parameters
    from warehouse.external_schema as s
    inner join warehouse.external_partition as p on p.database_name = s.database_name
    inner join warehouse.external_table as t
      on t.database_name = p.database_name and t.table_name = p.table_name`,
  `create or replace view main.svv_tables as
    select current_database() as table_catalog, schema_name as table_schema, table_name,
      'BASE TABLE' as table_type, cast(null as varchar) as remarks
    from duckdb_tables() where ${ownSchemas}
    union all
    select current_database(), schema_name, view_name, 'VIEW', null
    from duckdb_views() where ${ownSchemas} and not internal
    union all
    select redshift_database_name, schemaname, tablename, 'EXTERNAL TABLE', null
    from main.svv_external_tables`,
  `create or replace view main.svv_columns as
    select current_database() as table_catalog, c.schema_name as table_schema, c.table_name,
      c.column_name, c.column_index as ordinal_position, c.column_default,
      case when c.is_nullable then 'YES' else 'NO' end as is_nullable, ${typeName} as data_type,
      ${maximumLength} as character_maximum_length,
      c.numeric_precision, c.numeric_precision_radix, c.numeric_scale,
      ${unknown(['datetime_precision', 'interval_type', 'interval_precision'])},
      ${unknown(['character_set_catalog', 'character_set_schema', 'character_set_name'])},
      ${unknown(['collation_catalog', 'collation_schema', 'collation_name', 'domain_name', 'remarks'])}
    from duckdb_columns() as c where ${ownSchemas} and not c.internal
    union all
    select redshift_database_name, schemaname, tablename, columnname, columnnum, null, 'YES',
      external_type, ${Array.from({ length: 15 }, () => 'null').join(', ')}
    from main.svv_external_columns`,
  `create or replace view main.pg_table_def as
    select c.table_schema as schemaname, c.table_name as tablename, c.column_name as "column",
      case when character_maximum_length is not null
        then data_type || '(' || character_maximum_length || ')' else data_type end as "type",
      'none' as encoding, false as distkey, 0 as sortkey, is_nullable = 'NO' as "notnull"
    from duckdb_tables() as t
    inner join main.svv_columns as c
      on c.table_schema = t.schema_name and c.table_name = t.table_name
    -- Only tables in the search path (r_PG_TABLE_DEF), which is the standard one here.
    where t.schema_name = 'public' and t.database_name = current_database()`,
];

-- Which of the pipeline's objects exist, with the columns of its own tables, in one round trip.
select
    schemaname as schema_name,
    '' as table_name,
    '' as column_name,
    '' as data_type,
    0 as character_maximum_length,
    0 as numeric_precision,
    0 as numeric_scale,
    'YES' as is_nullable,
    'NO' as has_default
from svv_external_schemas
where schemaname = 'spectrum'
union all
select schemaname, tablename, '', '', 0, 0, 0, 'YES', 'NO'
from svv_external_tables
where schemaname = 'spectrum'
union all
select
    table_schema,
    table_name,
    column_name,
    data_type,
    character_maximum_length,
    numeric_precision,
    numeric_scale,
    is_nullable,
    case when column_default is null then 'NO' else 'YES' end
from svv_columns
where table_schema = 'public' and table_name like 'user_behavior_metric%';

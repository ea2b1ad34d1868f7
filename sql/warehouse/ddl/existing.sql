-- Which of the pipeline's objects exist, in one round trip.
select schemaname as schema_name, '' as table_name
from svv_external_schemas
where schemaname = 'spectrum'
union all
select schemaname, tablename
from svv_external_tables
where schemaname = 'spectrum'
union all
select table_schema, table_name
from svv_tables
where table_schema = 'public' and table_name like 'user_behavior_metric%';

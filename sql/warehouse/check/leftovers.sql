-- Tables and schemas that checks may have left which were killed; whoever reads this decides by their names.
select table_schema as schema_name, table_name
from svv_tables
where table_schema = 'public' and table_name like 'doctor%'
union all
select schemaname, tablename
from svv_external_tables
where (schemaname = '${external_schema}' or schemaname like 'doctor%') and tablename like 'doctor%'
union all
select schemaname, '' as table_name
from svv_external_schemas
where schemaname like 'doctor%'
order by 2 desc, 1;

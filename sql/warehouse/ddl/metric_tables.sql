-- Which tables of the metric exist. Unlike existing.sql, it does not query the data catalog.
select table_name
from svv_tables
where table_schema = 'public' and table_name like 'user_behavior_metric%';

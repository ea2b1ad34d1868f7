-- Which tables of the metric exist, without a look at the external ones and their catalog.
select table_name
from svv_tables
where table_schema = 'public' and table_name like 'user_behavior_metric%';

-- Which tables of the metric exist, a row for each column. Unlike existing.sql, it does not query the data
-- catalog.
select
    table_name,
    column_name,
    data_type,
    character_maximum_length,
    numeric_precision,
    numeric_scale,
    is_nullable,
    case when column_default is null then 'NO' else 'YES' end as has_default
from svv_columns
where table_schema = 'public' and table_name like 'user_behavior_metric%';

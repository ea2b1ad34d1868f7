-- The days between two others that have rows in the metric.
select distinct insert_date as ds
from public.user_behavior_metric
where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
order by ds;

-- Which run loaded each of these days.
select
    ds,
    run
from public.user_behavior_metric_load
where ds between cast(:first_ds as date) and cast(:last_ds as date)
order by ds;

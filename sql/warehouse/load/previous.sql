-- Whether the day before a ds is loaded, for --depends-on-past.
select count(*) as loaded
from public.user_behavior_metric_load
where ds = dateadd(day, -1, cast(:ds as date));

-- Whether the day before a ds is loaded, and until when it is complete if it is partial, for --depends-on-past.
select
    count(*) as loaded,
    max(complete_until) as complete_until
from public.user_behavior_metric_load
where ds = dateadd(day, -1, cast(:ds as date));

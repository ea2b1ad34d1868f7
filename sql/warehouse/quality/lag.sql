-- Loaded unusually long after the end of the day: more than twice as long as the median of the 28 days before, of which
-- at least 7 are loaded, and at least two hours longer. A day that was loaded again counts with its last load.
with daily as (
    select
        ds,
        datediff(minute, cast(ds + 1 as timestamp), loaded_at) as minutes
    from public.user_behavior_metric_load
    where ds between cast(:first_ds as date) - 28 and cast(:last_ds as date)
)

select
    daily.ds,
    'loaded ' || cast(daily.minutes / 60 as varchar(20)) || ' h after the end of the day, where '
    || cast(cast(round(median(history.minutes) / 60) as bigint) as varchar(20)) || ' h are usual' as message,
    'make runs DS=' || cast(daily.ds as varchar(10)) || ' shows what ran, how long, and what was tried again' as action
from daily
inner join daily as history on history.ds between daily.ds - 28 and daily.ds - 1
where daily.ds >= cast(:first_ds as date)
group by daily.ds, daily.minutes
having count(*) >= 7
    and daily.minutes > 2 * median(history.minutes)
    and daily.minutes >= median(history.minutes) + 120
order by daily.ds;

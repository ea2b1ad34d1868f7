-- No rows on a weekday that usually has some: the median of the same weekday in the 8 weeks before, of which at least 4
-- are loaded, is not 0.
with daily as (
    select
        ds,
        'purchases' as kind,
        purchase_rows as row_count
    from public.user_behavior_metric_load
    where ds between cast(:first_ds as date) - 56 and cast(:last_ds as date)
    union all
    select
        ds,
        'reviews' as kind,
        review_rows as row_count
    from public.user_behavior_metric_load
    where ds between cast(:first_ds as date) - 56 and cast(:last_ds as date)
)

select
    daily.ds,
    'no ' || daily.kind || ', where '
    || cast(cast(round(median(history.row_count)) as bigint) as varchar(20))
    || ' are usual for the weekday' as message,
    'unless it was a holiday, look at the source. Rows that come later need a backfill of the day' as action
from daily
inner join daily as history
    on history.kind = daily.kind
        and date_part(dow, history.ds) = date_part(dow, daily.ds)
        and history.ds between daily.ds - 56 and daily.ds - 7
where daily.ds >= cast(:first_ds as date) and daily.row_count = 0
group by daily.ds, daily.kind
having count(*) >= 4 and median(history.row_count) > 0
order by daily.ds, daily.kind;

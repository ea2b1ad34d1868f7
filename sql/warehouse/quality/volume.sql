-- Rows that are unusually few or many for the weekday: more than 5 robust standard deviations, on log(1 + rows), from
-- the median of the same weekday in the 8 weeks before, of which at least 4 are loaded. The deviation counts as at
-- least 0.15. A day without rows is for zero.sql.
with daily as (
    select
        ds,
        'purchases' as kind,
        purchase_rows as row_count,
        ln(1 + purchase_rows) as size
    from public.user_behavior_metric_load
    where ds between cast(:first_ds as date) - 56 and cast(:last_ds as date)
    union all
    select
        ds,
        'reviews' as kind,
        review_rows as row_count,
        ln(1 + review_rows) as size
    from public.user_behavior_metric_load
    where ds between cast(:first_ds as date) - 56 and cast(:last_ds as date)
),

pairs as (
    select
        daily.ds,
        daily.kind,
        history.size
    from daily
    inner join daily as history
        on history.kind = daily.kind
            and date_part(dow, history.ds) = date_part(dow, daily.ds)
            and history.ds between daily.ds - 56 and daily.ds - 7
    where daily.ds >= cast(:first_ds as date)
),

usual as (
    select
        ds,
        kind,
        median(size) as size
    from pairs
    group by ds, kind
    having count(*) >= 4
),

spread as (
    select
        usual.ds,
        usual.kind,
        usual.size,
        1.4826 * median(abs(pairs.size - usual.size)) as deviation
    from usual
    inner join pairs on pairs.ds = usual.ds and pairs.kind = usual.kind
    group by usual.ds, usual.kind, usual.size
)

select
    daily.ds,
    cast(daily.row_count as varchar(20)) || ' ' || daily.kind || ', where '
    || cast(cast(round(exp(spread.size) - 1) as bigint) as varchar(20))
    || ' are usual for the weekday' as message,
    'compare the day with its source. A correction there needs a backfill of the day' as action
from spread
inner join daily on daily.ds = spread.ds and daily.kind = spread.kind
where daily.row_count > 0
    and abs(daily.size - spread.size) > 5 * greatest(0.15, spread.deviation)
order by daily.ds, daily.kind;

-- An unusual share of the purchases that names no customer: more than 5 robust standard deviations from the median of
-- the 28 days before, of which at least 7 have purchases. The deviation counts as at least 0.03, and as at least what
-- chance alone would do with so few rows.
with daily as (
    select
        counts.ds,
        cast(counts.purchase_rows as float) as total,
        cast(counts.purchases_without_customer as float) / counts.purchase_rows as share
    from public.user_behavior_metric_day as counts
    inner join public.user_behavior_metric_load as ledger
        on ledger.ds = counts.ds and ledger.run = counts.run
    where counts.purchase_rows > 0
        and counts.ds between cast(:first_ds as date) - 28 and cast(:last_ds as date)
),

pairs as (
    select
        daily.ds,
        history.share
    from daily
    inner join daily as history on history.ds between daily.ds - 28 and daily.ds - 1
    where daily.ds >= cast(:first_ds as date)
),

usual as (
    select
        ds,
        median(share) as share
    from pairs
    group by ds
    having count(*) >= 7
),

spread as (
    select
        usual.ds,
        usual.share,
        1.4826 * median(abs(pairs.share - usual.share)) as deviation
    from usual
    inner join pairs on pairs.ds = usual.ds
    group by usual.ds, usual.share
)

select
    daily.ds,
    cast(cast(100 * daily.share as decimal(5, 1)) as varchar(10)) || ' % of the purchases name no customer, where '
    || cast(cast(100 * spread.share as decimal(5, 1)) as varchar(10)) || ' % are usual' as message,
    'ask the shop whether customers could log in. The metric leaves such purchases out' as action
from spread
inner join daily on daily.ds = spread.ds
where abs(daily.share - spread.share) > 5 * greatest(
    0.03, spread.deviation, sqrt(spread.share * (1 - spread.share) / daily.total)
)
order by daily.ds;

-- An unusually large share of rows that were rejected: by more than 0.2 percentage points, and 5 robust standard
-- deviations, above the median of the 28 days before, of which at least 7 are known. A day above MAX_REJECTED_PURCHASES
-- or MAX_REJECTED_REVIEWS fails and is not here.
with daily as (
    select
        counts.ds,
        'purchases' as kind,
        cast(counts.purchases_rejected as float) / (counts.purchase_rows + counts.purchases_rejected) as share
    from public.user_behavior_metric_day as counts
    inner join public.user_behavior_metric_load as ledger
        on ledger.ds = counts.ds and ledger.run = counts.run
    where counts.purchase_rows + counts.purchases_rejected > 0
        and counts.ds between cast(:first_ds as date) - 28 and cast(:last_ds as date)
    union all
    select
        counts.ds,
        'reviews' as kind,
        cast(counts.reviews_rejected as float) / (counts.review_rows + counts.reviews_rejected) as share
    from public.user_behavior_metric_day as counts
    inner join public.user_behavior_metric_load as ledger
        on ledger.ds = counts.ds and ledger.run = counts.run
    where counts.review_rows + counts.reviews_rejected > 0
        and counts.ds between cast(:first_ds as date) - 28 and cast(:last_ds as date)
),

pairs as (
    select
        daily.ds,
        daily.kind,
        history.share
    from daily
    inner join daily as history
        on history.kind = daily.kind and history.ds between daily.ds - 28 and daily.ds - 1
    where daily.ds >= cast(:first_ds as date)
),

usual as (
    select
        ds,
        kind,
        median(share) as share
    from pairs
    group by ds, kind
    having count(*) >= 7
),

spread as (
    select
        usual.ds,
        usual.kind,
        usual.share,
        1.4826 * median(abs(pairs.share - usual.share)) as deviation
    from usual
    inner join pairs on pairs.ds = usual.ds and pairs.kind = usual.kind
    group by usual.ds, usual.kind, usual.share
)

select
    daily.ds,
    cast(cast(100 * daily.share as decimal(6, 2)) as varchar(10)) || ' % of the ' || daily.kind
    || ' were rejected, where ' || cast(cast(100 * spread.share as decimal(6, 2)) as varchar(10))
    || ' % are usual' as message,
    'make show DS=' || cast(daily.ds as varchar(10)) || ' STAGE=rejects shows them' as action
from spread
inner join daily on daily.ds = spread.ds and daily.kind = spread.kind
where daily.share - spread.share > greatest(0.002, 5 * spread.deviation)
order by daily.ds, daily.kind;

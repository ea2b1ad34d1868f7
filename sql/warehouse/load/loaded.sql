-- The ledger's row of a ds beside what the slice really holds.
select
    ledger.purchases_run,
    ledger.reviews_run,
    ledger.metric_rows,
    ledger.amount_spent,
    ledger.review_score,
    ledger.review_count,
    slice.metric_rows as slice_rows,
    slice.amount_spent as slice_amount_spent,
    slice.review_score as slice_review_score,
    slice.review_count as slice_review_count
from public.user_behavior_metric_load as ledger
cross join (
    select
        count(*) as metric_rows,
        coalesce(sum(amount_spent), 0) as amount_spent,
        coalesce(sum(review_score), 0) as review_score,
        coalesce(sum(review_count), 0) as review_count
    from public.user_behavior_metric
    where insert_date = cast(:ds as date)
) as slice
where ledger.ds = cast(:ds as date);

-- The ledger's rows of a range of days. `whole` is 1 if the slice still holds what the ledger says.
select
    ledger.ds,
    ledger.purchases_run,
    ledger.reviews_run,
    ledger.metric_rows,
    ledger.amount_spent,
    ledger.min_quantity,
    ledger.loaded_at,
    ${load_sql} as load_sql,
    ${complete_until} as complete_until,
    case
        when ledger.metric_rows = coalesce(slice.metric_rows, 0)
            and ledger.amount_spent = coalesce(slice.amount_spent, 0)
            and ledger.review_score = coalesce(slice.review_score, 0)
            and ledger.review_count = coalesce(slice.review_count, 0) then 1
        else 0
    end as whole
from public.user_behavior_metric_load as ledger
left join (
    select
        insert_date,
        count(*) as metric_rows,
        sum(amount_spent) as amount_spent,
        sum(review_score) as review_score,
        sum(review_count) as review_count
    from public.user_behavior_metric
    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
    group by insert_date
) as slice on slice.insert_date = ledger.ds
where ledger.ds between cast(:first_ds as date) and cast(:last_ds as date)
order by ledger.ds;

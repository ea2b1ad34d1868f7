-- Replaces load/loaded.sql while the metric's table is missing: the rows still name files that a sweep
-- must keep. Only a day without customers is whole.
select
    ds,
    purchases_run,
    reviews_run,
    metric_rows,
    amount_spent,
    min_quantity,
    loaded_at,
    ${load_sql} as load_sql,
    ${complete_until} as complete_until,
    case
        when metric_rows = 0 and amount_spent = 0 and review_score = 0 and review_count = 0 then 1
        else 0
    end as whole
from public.user_behavior_metric_load as ledger
where ds between cast(:first_ds as date) and cast(:last_ds as date)
order by ds;

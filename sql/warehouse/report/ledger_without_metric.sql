-- Replaces load/loaded.sql while the metric's table is missing: the rows still name files that a sweep
-- must keep, and none is whole.
select
    ds,
    purchases_run,
    reviews_run,
    metric_rows,
    amount_spent,
    min_quantity,
    loaded_at,
    0 as whole
from public.user_behavior_metric_load
where ds between cast(:first_ds as date) and cast(:last_ds as date)
order by ds;

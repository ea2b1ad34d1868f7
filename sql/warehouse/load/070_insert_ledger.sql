-- In the same transaction as the slice: either both exist or neither does.
insert into public.user_behavior_metric_load (
    ds, run, purchases_run, purchases_generation, reviews_run, reviews_generation, min_quantity,
    purchase_rows, review_rows, metric_rows, amount_spent, review_score, review_count, loaded_at,
    load_sql, complete_until
)
select
    cast(:ds as date),
    :run,
    :purchases_run,
    cast(:purchases_generation as integer),
    :reviews_run,
    cast(:reviews_generation as integer),
    cast(:min_quantity as integer),
    cast(:purchase_rows as bigint),
    cast(:review_rows as bigint),
    count(*),
    coalesce(sum(amount_spent), 0),
    coalesce(sum(review_score), 0),
    coalesce(sum(review_count), 0),
    getdate(),
    :load_sql,
    cast(nullif(:complete_until, 'complete') as timestamp)
from public.user_behavior_metric
where insert_date = cast(:ds as date);

-- In the same transaction as the slices: for each day, either both exist or neither does.
insert into public.user_behavior_metric_load (
    ds, run, purchases_run, purchases_generation, reviews_run, reviews_generation, min_quantity,
    purchase_rows, review_rows, metric_rows, amount_spent, review_score, review_count, loaded_at,
    load_sql, complete_until
)
select
    planned_day.ds,
    :run,
    planned_day.purchases_run,
    planned_day.purchases_generation,
    planned_day.reviews_run,
    planned_day.reviews_generation,
    planned_day.min_quantity,
    planned_day.purchase_rows,
    planned_day.review_rows,
    coalesce(slice.metric_rows, 0),
    coalesce(slice.amount_spent, 0),
    coalesce(slice.review_score, 0),
    coalesce(slice.review_count, 0),
    getdate(),
    :load_sql,
    planned_day.complete_until
from planned_day
left join (
    select
        insert_date,
        count(*) as metric_rows,
        sum(amount_spent) as amount_spent,
        sum(review_score) as review_score,
        sum(review_count) as review_count
    from public.user_behavior_metric
    where insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by insert_date
) as slice on slice.insert_date = planned_day.ds;

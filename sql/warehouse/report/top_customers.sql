-- The ten customers with the highest amount of a ds.
select
    customerid,
    amount_spent,
    review_score,
    review_count,
    insert_date
from public.user_behavior_metric
where insert_date = cast(:ds as date)
order by amount_spent desc, customerid
limit 10;

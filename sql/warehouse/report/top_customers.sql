-- Ten customers of a ds: those with the most positive reviews, and of these who spent most.
select
    customerid,
    cast(amount_spent as decimal(18, 2)) as amount_spent,
    review_score,
    review_count
from public.user_behavior_metric
where insert_date = cast(:ds as date)
order by review_score desc, amount_spent desc, customerid
limit 10;

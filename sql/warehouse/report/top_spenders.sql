-- The customers who spent most on days on which they also wrote reviews.
select
    customerid as customer,
    count(*) as days,
    sum(amount_spent) as amount,
    sum(review_score) as positive,
    sum(review_count) as reviews
from public.user_behavior_metric
where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
group by customerid
order by amount desc, customer
limit 15;

-- The metric, added up by day.
select
    insert_date as ds,
    count(*) as customers,
    sum(amount_spent) as amount,
    sum(review_score) as positive,
    sum(review_count) as reviews
from public.user_behavior_metric
where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
group by insert_date
order by insert_date;

-- How many customers and days there are for each number of reviews and each amount, both given by their lower bounds.
select
    reviews,
    spend,
    count(*) as customers,
    sum(amount_spent) as amount,
    sum(review_score) as positive,
    sum(review_count) as review_rows
from (
    select
        amount_spent,
        review_score,
        review_count,
        case
            when review_count >= 10 then 10
            when review_count >= 5 then 5
            else review_count
        end as reviews,
        case
            when amount_spent >= 3000 then 3000
            when amount_spent >= 1000 then 1000
            when amount_spent >= 300 then 300
            when amount_spent >= 100 then 100
            when amount_spent >= 30 then 30
            when amount_spent >= 10 then 10
            else 0
        end as spend
    from public.user_behavior_metric
    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
) as metric
group by reviews, spend
order by reviews, spend;

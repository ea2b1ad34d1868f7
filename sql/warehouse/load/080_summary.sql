-- What the load wrote, and what the inner join left out.
select
    (
        select count(*) from public.user_behavior_metric
        where insert_date = cast(:ds as date)
    ) as metric_rows,
    (
        select coalesce(sum(amount_spent), 0) from public.user_behavior_metric
        where insert_date = cast(:ds as date)
    ) as amount_spent,
    (
        select coalesce(sum(purchase_rows), 0) from purchase_day
        where customer_id is null
    ) as purchases_without_customer,
    (
        select count(*) from purchase_day
        left join review_day on review_day.customer_id = purchase_day.customer_id
        where purchase_day.customer_id is not null and review_day.customer_id is null
    ) as customers_without_reviews,
    (
        select count(*) from review_day
        left join purchase_day on purchase_day.customer_id = review_day.customer_id
        where purchase_day.customer_id is null
    ) as reviewers_without_purchases;

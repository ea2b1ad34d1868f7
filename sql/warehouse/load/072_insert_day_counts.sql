-- What became of the rows of each day. A customer is on one side only, or on both and then in the metric.
insert into public.user_behavior_metric_day (
    ds, run, purchases_below_quantity, purchases_rejected, purchase_rows, purchases_without_customer,
    purchases_without_reviews, purchases_in_metric, customers_without_reviews, reviews_rejected, review_rows,
    reviews_without_purchases, reviews_in_metric, reviewers_without_purchases, metric_rows
)
select
    planned_day.ds,
    :run,
    planned_day.purchases_below_quantity,
    planned_day.purchases_rejected,
    coalesce(customers.purchase_rows, 0),
    coalesce(customers.purchases_without_customer, 0),
    coalesce(customers.purchases_without_reviews, 0),
    coalesce(customers.purchases_in_metric, 0),
    coalesce(customers.customers_without_reviews, 0),
    planned_day.reviews_rejected,
    coalesce(customers.review_rows, 0),
    coalesce(customers.reviews_without_purchases, 0),
    coalesce(customers.reviews_in_metric, 0),
    coalesce(customers.reviewers_without_purchases, 0),
    coalesce(slice.metric_rows, 0)
from planned_day
left join (
    select
        coalesce(purchase_day.ds, review_day.ds) as ds,
        sum(purchase_day.purchase_rows) as purchase_rows,
        sum(case when purchase_day.customer_id is null then purchase_day.purchase_rows end)
            as purchases_without_customer,
        sum(
            case
                when purchase_day.customer_id is not null and review_day.customer_id is null
                    then purchase_day.purchase_rows
            end
        ) as purchases_without_reviews,
        sum(case when review_day.customer_id is not null then purchase_day.purchase_rows end)
            as purchases_in_metric,
        count(case when review_day.customer_id is null then purchase_day.customer_id end)
            as customers_without_reviews,
        sum(review_day.review_count) as review_rows,
        sum(case when purchase_day.customer_id is null then review_day.review_count end)
            as reviews_without_purchases,
        sum(case when purchase_day.customer_id is not null then review_day.review_count end)
            as reviews_in_metric,
        count(case when purchase_day.customer_id is null then review_day.review_count end)
            as reviewers_without_purchases
    from purchase_day
    full outer join review_day
        on review_day.ds = purchase_day.ds and review_day.customer_id = purchase_day.customer_id
    group by 1
) as customers on customers.ds = planned_day.ds
left join (
    select
        insert_date,
        count(*) as metric_rows
    from public.user_behavior_metric
    where insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by insert_date
) as slice on slice.insert_date = planned_day.ds;

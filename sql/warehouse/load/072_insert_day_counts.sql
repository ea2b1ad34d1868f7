-- What became of the day's rows. A customer is on one side only, or on both and then in the metric.
-- The manifest of an older release, or of a large day, does not say how many purchases are below the quantity.
insert into public.user_behavior_metric_day (
    ds, run, purchases_below_quantity, purchases_rejected, purchase_rows, purchases_without_customer,
    purchases_without_reviews, purchases_in_metric, customers_without_reviews, reviews_rejected, review_rows,
    reviews_without_purchases, reviews_in_metric, reviewers_without_purchases, metric_rows
)
select
    cast(:ds as date),
    :run,
    cast(nullif(cast(:purchases_below_quantity as varchar(20)), 'unknown') as bigint),
    cast(:purchases_rejected as bigint),
    coalesce(sum(purchase_day.purchase_rows), 0),
    coalesce(sum(case when purchase_day.customer_id is null then purchase_day.purchase_rows end), 0),
    coalesce(
        sum(
            case
                when purchase_day.customer_id is not null and review_day.customer_id is null
                    then purchase_day.purchase_rows
            end
        ), 0
    ),
    coalesce(sum(case when review_day.customer_id is not null then purchase_day.purchase_rows end), 0),
    count(case when review_day.customer_id is null then purchase_day.customer_id end),
    cast(:reviews_rejected as bigint),
    coalesce(sum(review_day.review_count), 0),
    coalesce(sum(case when purchase_day.customer_id is null then review_day.review_count end), 0),
    coalesce(sum(case when purchase_day.customer_id is not null then review_day.review_count end), 0),
    count(case when purchase_day.customer_id is null then review_day.review_count end),
    (
        select count(*) from public.user_behavior_metric
        where insert_date = cast(:ds as date)
    )
from purchase_day
full outer join review_day on review_day.customer_id = purchase_day.customer_id;

-- What became of the rows of each loaded day; written by the loads.
select
    ds,
    purchases_below_quantity,
    purchases_rejected,
    purchase_rows,
    purchases_without_customer,
    purchases_without_reviews,
    purchases_in_metric,
    reviews_rejected,
    review_rows,
    reviews_without_purchases,
    reviews_in_metric
from public.user_behavior_metric_day
where ds between cast(:first_ds as date) and cast(:last_ds as date)
order by ds;

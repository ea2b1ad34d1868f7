-- What became of the rows of each loaded day; written by the loads. Not if an older release has loaded the day since.
select
    counts.ds,
    counts.purchases_below_quantity,
    counts.purchases_rejected,
    counts.purchase_rows,
    counts.purchases_without_customer,
    counts.purchases_without_reviews,
    counts.purchases_in_metric,
    counts.reviews_rejected,
    counts.review_rows,
    counts.reviews_without_purchases,
    counts.reviews_in_metric
from public.user_behavior_metric_day as counts
inner join public.user_behavior_metric_load as ledger
    on ledger.ds = counts.ds and ledger.run = counts.run
where counts.ds between cast(:first_ds as date) and cast(:last_ds as date)
order by counts.ds;

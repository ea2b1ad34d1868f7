-- What the load wrote, a row for each day, and what the inner join left out.
select
    ledger.ds,
    ledger.metric_rows,
    ledger.amount_spent,
    day_counts.purchases_without_customer,
    day_counts.customers_without_reviews,
    day_counts.reviewers_without_purchases
from public.user_behavior_metric_load as ledger
inner join public.user_behavior_metric_day as day_counts on day_counts.ds = ledger.ds
where ledger.ds in (/* each day */ cast(:ds as date) /* end */)
order by ledger.ds;

-- What became of the rows of each loaded day, from the source to the metric; written with the ledger.
-- Days that were loaded before this table have no row. purchases_below_quantity is null if it was not counted.
create table if not exists public.user_behavior_metric_day (
    ds date not null,
    run varchar(64) not null,
    purchases_below_quantity bigint,
    purchases_rejected bigint,
    purchase_rows bigint not null,
    purchases_without_customer bigint not null,
    purchases_without_reviews bigint not null,
    purchases_in_metric bigint not null,
    customers_without_reviews bigint not null,
    reviews_rejected bigint,
    review_rows bigint not null,
    reviews_without_purchases bigint not null,
    reviews_in_metric bigint not null,
    reviewers_without_purchases bigint not null,
    metric_rows bigint not null
)
diststyle all
sortkey (ds);

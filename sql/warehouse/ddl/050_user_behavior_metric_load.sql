-- The ledger: one row per loaded ds, written in the same transaction as the slice.
-- A generation counts the publications of the upstream manifest of that ds.
-- A new column is a file of ../migration, because this statement does not change a table that exists.
create table if not exists public.user_behavior_metric_load (
    ds date not null,
    run varchar(64) not null,
    purchases_run varchar(64) not null,
    purchases_generation integer not null,
    reviews_run varchar(64) not null,
    reviews_generation integer not null,
    min_quantity integer not null,
    purchase_rows bigint not null,
    review_rows bigint not null,
    metric_rows bigint not null,
    amount_spent decimal(38, 5) not null,
    review_score bigint not null,
    review_count bigint not null,
    loaded_at timestamp not null
)
diststyle all
sortkey (ds);

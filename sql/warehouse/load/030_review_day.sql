-- The day's reviews, one row per customer. Created empty and then filled, like 020_purchase_day.sql.
create temp table review_day (
    customer_id integer,
    review_count bigint not null,
    review_score bigint not null,
    stray_rows bigint not null
)
diststyle key
distkey (customer_id);

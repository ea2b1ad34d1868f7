-- The reviews of the set, one row per day and customer. Created empty and then filled, like 011_planned_day.sql.
create temp table review_day (
    ds date not null,
    customer_id integer,
    review_count bigint not null,
    review_score bigint not null,
    stray_rows bigint not null
)
diststyle key
distkey (customer_id);

-- The purchases of the set, one row per day and customer. Created empty and then filled, like 011_planned_day.sql.
create temp table purchase_day (
    ds date not null,
    customer_id integer,
    purchase_rows bigint not null,
    amount_spent decimal(38, 5) not null,
    stray_rows bigint not null
)
diststyle key
distkey (customer_id);

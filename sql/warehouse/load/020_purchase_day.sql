-- The day's purchases, one row per customer. Made empty and then filled: Redshift prepares, and so
-- takes parameters in, selects, inserts, updates and deletes only.
create temp table purchase_day (
    customer_id integer,
    purchase_rows bigint not null,
    amount_spent decimal(18, 5) not null,
    stray_rows bigint not null
)
diststyle key
distkey (customer_id);

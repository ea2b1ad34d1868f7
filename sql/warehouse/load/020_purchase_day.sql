-- The day's purchases, one row per customer. Created empty and filled by the next statement: Redshift
-- takes parameters only in select, insert, update and delete.
create temp table purchase_day (
    customer_id integer,
    purchase_rows bigint not null,
    amount_spent decimal(38, 5) not null,
    stray_rows bigint not null
)
diststyle key
distkey (customer_id);

-- The metric that analysts read: one row per customer and day. Sorted by day, because queries select days.
-- A new column is a file of ../migration, because this statement does not change a table that exists.
create table if not exists public.user_behavior_metric (
    customerid integer not null,
    amount_spent decimal(18, 5) not null,
    review_score integer not null,
    review_count integer not null,
    insert_date date not null
)
diststyle key
distkey (customerid)
sortkey (insert_date);

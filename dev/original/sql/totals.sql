-- The totals of a day, or nothing if there is no such table yet.
select count(*) = 1 as found from svv_tables
where table_schema = :'schema' and table_name = 'user_behavior_metric' \gset
\if :found
select
    count(*) as customers,
    coalesce(sum(amount_spent), 0) as amount_spent,
    coalesce(sum(review_score), 0) as review_score,
    coalesce(sum(review_count), 0) as review_count
from :schema.user_behavior_metric
where insert_date = :'ds';
\endif

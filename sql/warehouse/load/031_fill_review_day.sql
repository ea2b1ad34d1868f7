-- review_score counts the positive reviews.
insert into review_day (customer_id, review_count, review_score, stray_rows)
select
    cast(cid as integer) as customer_id,
    count(*) as review_count,
    sum(case when positive_review then 1 else 0 end) as review_score,
    sum(case when strpos("$path", :reviews_location) = 1 then 0 else 1 end) as stray_rows
from spectrum.movie_review_clean_stage
where insert_date = cast(:ds as date)
group by 1;

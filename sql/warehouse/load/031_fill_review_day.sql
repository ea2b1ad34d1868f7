-- review_score counts the positive reviews. The list of days is constant, as in 021_fill_purchase_day.sql.
insert into review_day (ds, customer_id, review_count, review_score, stray_rows)
select
    staged.ds,
    staged.customer_id,
    sum(staged.review_count) as review_count,
    sum(staged.review_score) as review_score,
    sum(
        case when strpos(staged.path, planned_day.reviews_location) = 1 then 0 else staged.review_count end
    ) as stray_rows
from (
    select
        insert_date as ds,
        cast(cid as integer) as customer_id,
        "$path" as path,
        count(*) as review_count,
        sum(case when positive_review then 1 else 0 end) as review_score
    from spectrum.movie_review_clean_stage
    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
      and insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by 1, 2, 3
) as staged
inner join planned_day on planned_day.ds = staged.ds
group by 1, 2;

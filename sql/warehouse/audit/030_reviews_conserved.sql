-- The load read as many reviews of each day as its manifest counts.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'review rows differ from the manifest: ' || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as reviews_conserved
from (
    select planned_day.ds
    from planned_day
    left join review_day on review_day.ds = planned_day.ds
    group by planned_day.ds, planned_day.review_rows
    having coalesce(sum(review_day.review_count), 0) <> planned_day.review_rows
) as wrong;

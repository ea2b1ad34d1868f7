-- The load read as many reviews as the manifest counts.
select
    cast(
        case
            when coalesce(sum(review_count), 0) = cast(:review_rows as bigint) then '0'
            else 'review rows differ from the manifest'
        end as integer
    ) as reviews_conserved
from review_day;

-- Every review that the manifest counts was read, and none besides.
select
    cast(
        case
            when coalesce(sum(review_count), 0) = cast(:review_rows as bigint) then '0'
            else 'review rows differ from the manifest'
        end as integer
    ) as reviews_conserved
from review_day;

-- Every review came from a file of the run that the manifest names.
select
    cast(
        case
            when coalesce(sum(stray_rows), 0) = 0 then '0'
            else 'review rows from another run'
        end as integer
    ) as reviews_of_published_run
from review_day;

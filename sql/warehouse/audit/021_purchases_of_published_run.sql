-- Every purchase row is complete and came from a file of the run that the manifest names.
select
    cast(
        case
            when coalesce(sum(stray_rows), 0) = 0 then '0'
            else 'purchase rows from another run, or parts of rows'
        end as integer
    ) as purchases_of_published_run
from purchase_day;

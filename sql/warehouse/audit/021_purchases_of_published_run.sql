-- Every purchase row is complete and came from a file of the run that the manifest names.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'purchase rows from another run, or parts of rows: '
                || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as purchases_of_published_run
from (
    select ds
    from purchase_day
    group by ds
    having sum(stray_rows) <> 0
) as wrong;

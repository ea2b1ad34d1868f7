-- Every review came from a file of the run that the manifest names.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'review rows from another run: ' || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as reviews_of_published_run
from (
    select ds
    from review_day
    group by ds
    having sum(stray_rows) <> 0
) as wrong;

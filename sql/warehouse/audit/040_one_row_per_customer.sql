-- Redshift does not enforce keys, so the load counts the duplicates of each day.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'a customer has more than one row: ' || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as one_row_per_customer
from (
    select insert_date as ds
    from public.user_behavior_metric
    where insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by insert_date
    having count(*) <> count(distinct customerid)
) as wrong;

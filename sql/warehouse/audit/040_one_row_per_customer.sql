-- Redshift does not enforce keys, so the load counts the duplicates.
select
    cast(
        case
            when count(*) = count(distinct customerid) then '0'
            else 'a customer has more than one row'
        end as integer
    ) as one_row_per_customer
from public.user_behavior_metric
where insert_date = cast(:ds as date);

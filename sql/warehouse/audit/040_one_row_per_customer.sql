-- Redshift enforces no key, so the load counts duplicates itself.
select
    cast(
        case
            when count(*) = count(distinct customerid) then '0'
            else 'a customer has more than one row'
        end as integer
    ) as one_row_per_customer
from public.user_behavior_metric
where insert_date = cast(:ds as date);

-- The load read as many purchase rows as the manifest counts.
select
    cast(
        case
            when coalesce(sum(purchase_rows), 0) = cast(:purchase_rows as bigint) then '0'
            else 'purchase rows differ from the manifest'
        end as integer
    ) as purchases_conserved
from purchase_day;

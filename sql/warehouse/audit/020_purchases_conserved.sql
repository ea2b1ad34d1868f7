-- The load read as many purchase rows of each day as its manifest counts.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'purchase rows differ from the manifest: ' || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as purchases_conserved
from (
    select planned_day.ds
    from planned_day
    left join purchase_day on purchase_day.ds = planned_day.ds
    group by planned_day.ds, planned_day.purchase_rows
    having coalesce(sum(purchase_day.purchase_rows), 0) <> planned_day.purchase_rows
) as wrong;

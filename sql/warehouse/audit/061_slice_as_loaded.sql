-- Of a rebuilt ledger row: the slice has exactly the rows that a load would write now.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'the rows differ from those that a load would write'
        end as integer
    ) as slice_as_loaded
from (
    (
        select * from public.user_behavior_metric
        where insert_date = cast(:ds as date)
        except
        select * from metric_day
    )
    union all
    (
        select * from metric_day
        except
        select * from public.user_behavior_metric
        where insert_date = cast(:ds as date)
    )
) as differences;

-- Of a rebuilt ledger row: the slice has exactly the rows that a load would write now.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'the rows differ from those that a load would write: '
                || listagg(distinct cast(insert_date as varchar(10)), ', ')
        end as integer
    ) as slice_as_loaded
from (
    (
        select * from public.user_behavior_metric
        where insert_date in (/* each day */ cast(:ds as date) /* end */)
        except
        select * from metric_day
    )
    union all
    (
        select * from metric_day
        except
        select * from public.user_behavior_metric
        where insert_date in (/* each day */ cast(:ds as date) /* end */)
    )
) as differences;

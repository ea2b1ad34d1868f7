-- Of rebuilt ledger rows: no load has written one in the meantime.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'the ledger has a row of the day: ' || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as not_in_ledger
from public.user_behavior_metric_load
where ds in (/* each day */ cast(:ds as date) /* end */);

-- Of a rebuilt ledger row: no load has written one in the meantime.
select
    cast(case when count(*) = 0 then '0' else 'the ledger has a row of the day' end as integer) as not_in_ledger
from public.user_behavior_metric_load
where ds = cast(:ds as date);

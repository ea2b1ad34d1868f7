-- The guard against an older generation: files older than the loaded ones are refused, before anything
-- changes.
select
    cast(case when count(*) = 0 then '0' else 'a newer load exists' end as integer) as moves_forward
from public.user_behavior_metric_load
where ds = cast(:ds as date)
  and (
    purchases_generation > cast(:purchases_generation as integer)
    or reviews_generation > cast(:reviews_generation as integer)
  );

-- A load made from older files than the loaded ones must not win. Runs before anything is changed.
select
    cast(case when count(*) = 0 then '0' else 'a newer load stands' end as integer) as moves_forward
from public.user_behavior_metric_load
where ds = cast(:ds as date)
  and (
    purchases_generation > cast(:purchases_generation as integer)
    or reviews_generation > cast(:reviews_generation as integer)
  );

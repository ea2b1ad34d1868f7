-- The guard against an older generation: files older than the loaded ones are refused, before anything
-- changes.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'a newer load exists: ' || listagg(cast(ledger.ds as varchar(10)), ', ')
        end as integer
    ) as moves_forward
from public.user_behavior_metric_load as ledger
inner join planned_day on planned_day.ds = ledger.ds
where ledger.purchases_generation > planned_day.purchases_generation
  or ledger.reviews_generation > planned_day.reviews_generation;

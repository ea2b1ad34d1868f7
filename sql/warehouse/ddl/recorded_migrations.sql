-- The migrations that have been applied, also those of newer releases.
select
    number,
    name
from public.user_behavior_metric_migration
order by number;

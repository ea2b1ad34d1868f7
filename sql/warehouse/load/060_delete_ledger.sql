delete from public.user_behavior_metric_load
where ds = cast(:ds as date);

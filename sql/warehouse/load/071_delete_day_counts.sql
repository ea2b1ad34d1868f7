delete from public.user_behavior_metric_day
where ds = cast(:ds as date);

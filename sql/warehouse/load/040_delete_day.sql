delete from public.user_behavior_metric
where insert_date = cast(:ds as date);

delete from public.user_behavior_metric_day
where ds in (/* each day */ cast(:ds as date) /* end */);

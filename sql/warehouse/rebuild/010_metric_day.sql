-- Takes what load/050_insert_days.sql makes, so that the slice can be compared with it.
create temp table metric_day as
select * from public.user_behavior_metric
where 1 = 0;

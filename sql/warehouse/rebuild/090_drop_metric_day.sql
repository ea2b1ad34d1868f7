-- The session may be reused, so no temporary table may remain.
drop table metric_day;

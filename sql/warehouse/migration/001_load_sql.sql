-- The SHA-256 of the SQL that loaded the day; null in rows from before this column.
alter table public.user_behavior_metric_load add column load_sql varchar(64);

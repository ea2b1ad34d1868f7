-- Until when the purchases were complete that the day was loaded from; null for a complete day, and in rows from before.
alter table public.user_behavior_metric_load add column complete_until timestamp;

-- Taken first by every load: under snapshot isolation two first loads of a ds would both commit.
-- A table of its own, so that no reader of the metric ever waits.
create table if not exists public.user_behavior_metric_load_lock (
    holder smallint
)
diststyle all;

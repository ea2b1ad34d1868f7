-- Every load locks this table first: under snapshot isolation two first loads of a ds would both commit.
-- It is a separate table so that readers of the metric never wait.
create table if not exists public.user_behavior_metric_load_lock (
    holder smallint
)
diststyle all;

-- One load at a time; waits for the one that runs.
lock public.user_behavior_metric_load_lock;

-- One load at a time: waits until the running one has ended.
lock public.user_behavior_metric_load_lock;

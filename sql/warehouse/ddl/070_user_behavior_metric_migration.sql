-- Which migrations have been applied, and when. What decides is whether their columns are there.
create table if not exists public.user_behavior_metric_migration (
    number integer not null,
    name varchar(100) not null,
    applied_at timestamp not null
)
diststyle all;

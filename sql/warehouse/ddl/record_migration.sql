-- In the transaction of the migration. Adds no second row when it is sent again.
insert into public.user_behavior_metric_migration (number, name, applied_at)
select
    ${number},
    '${name}',
    getdate()
where not exists (
    select 1 from public.user_behavior_metric_migration
    where number = ${number}
);

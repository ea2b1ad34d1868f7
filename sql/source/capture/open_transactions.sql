-- The transactions that may write and are open: a slot is made only when all that were open at first have ended. The
-- oldest first. A role without pg_read_all_stats does not see since when another role's transaction is open.
select
    'process ' || activity.pid || concat_ws(
        ', ',
        ' (' || coalesce(nullif(activity.application_name, ''), 'without a name'),
        'role ' || activity.usesysid::regrole,
        'database ' || activity.datname,
        'since ' || to_char(activity.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ) || ')' as transaction,
    age(activity.backend_xid) as age
from pg_stat_activity as activity
where activity.backend_xid is not null
  and activity.pid <> pg_backend_pid()
union all
select
    'prepared transaction ' || quote_literal(prepared.gid) || ' (role ' || prepared.owner
        || ', database ' || prepared.database || ', since '
        || to_char(prepared.prepared at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ')',
    age(prepared.transaction)
from pg_prepared_xacts as prepared
order by age desc
limit 5

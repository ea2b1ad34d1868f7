-- For --check: whether the job's role can do more than read.
select
    current_user as role,
    rolsuper as superuser,
    has_table_privilege('retail.user_purchase', 'insert')
        or has_table_privilege('retail.user_purchase', 'update')
        or has_table_privilege('retail.user_purchase', 'delete') as writes
from pg_roles
where rolname = current_user

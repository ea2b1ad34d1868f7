-- Size and kind of the source table, and the version of its server. A view or a partitioned table has no pages.
-- `has_places`: a row has a ctid. `tells_system`: the role may ask which cluster this is.
select
    relkind = 'r' as is_ordinary,
    relkind in ('r', 'p', 'm') as has_places,
    case
        when relkind = 'r' then pg_relation_size(oid) / current_setting('block_size')::int
        else 0
    end::float8 as pages,
    current_setting('server_version_num')::int as server_version,
    has_function_privilege('pg_control_system()', 'execute') as tells_system
from pg_class
where oid = to_regclass('retail.user_purchase')

-- What capture-purchases must know of the source before it reads changes. One row; a part is null if it is missing.
-- `next_xid` is later than any transaction that is complete. A view, or a table of another kind, has no changes.
-- A replica sends only what it has replayed, up to `replayed`; `until` is the time of the last commit in it, null if it
-- has replayed none since it was started. `columns` has the place of each extracted column, and what decides how its values are written.
-- psql -v publication=user_behaviour -v slot=user_behaviour -f facts.sql
select
    current_setting('server_version_num')::int as version,
    current_setting('wal_level') as wal_level,
    pg_is_in_recovery() as replica,
    current_setting('hot_standby_feedback') as feedback,
    to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
    to_char(
        case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() else now() end
            at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
    ) as until,
    case when pg_is_in_recovery() then cast(pg_last_wal_replay_lsn() as text) end as replayed,
    cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as next_xid,
    (
        select json_build_object(
            'oid', class.oid::bigint,
            'kind', class.relkind,
            'identity', class.relreplident,
            'readable', has_table_privilege(class.oid, 'select'),
            'children', array(
                select cast(cast(child.inhrelid as regclass) as text)
                from pg_inherits as child
                where child.inhparent = class.oid
                order by 1
            ),
            'columns', (
                select json_object_agg(
                    attribute.attname,
                    attribute.attnum || ' ' || case
                        when type.typcategory = 'S' then 'text'
                        when attribute.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                            then 'integer'
                        else format_type(attribute.atttypid, attribute.atttypmod)
                    end
                    order by attribute.attname
                )
                from pg_attribute as attribute
                join pg_type as type on type.oid = attribute.atttypid
                where attribute.attrelid = class.oid
                  and not attribute.attisdropped
                  and attribute.attname in (
                      'invoice_number', 'stock_code', 'detail', 'quantity', 'invoice_date',
                      'unit_price', 'customer_id', 'country'
                  )
            )
        )
        from pg_class as class
        where class.oid = to_regclass('retail.user_purchase')
    ) as table_facts,
    (
        select json_build_object(
            'oid', publication.oid::bigint,
            'xmin', cast(publication.xmin as text),
            'whole', publication.pubinsert and publication.pubupdate and publication.pubdelete
                and publication.pubtruncate,
            'published', exists (
                select 1
                from pg_publication_tables as published
                where published.pubname = publication.pubname
                  and published.schemaname = 'retail'
                  and published.tablename = 'user_purchase'
            ),
            'member', (
                select json_build_object(
                    'oid', member.oid::bigint,
                    'xmin', cast(member.xmin as text),
                    'filtered', to_jsonb(member) ->> 'prqual' is not null
                        or to_jsonb(member) ->> 'prattrs' is not null
                )
                from pg_publication_rel as member
                where member.prpubid = publication.oid
                  and member.prrelid = to_regclass('retail.user_purchase')
            )
        )
        from pg_publication as publication
        where publication.pubname = :'publication'
    ) as publication_facts,
    (
        select json_build_object(
            'plugin', slot.plugin,
            'database', slot.database,
            'active', slot.active,
            'lost', coalesce(slot.wal_status = 'lost', false),
            'confirmed', cast(slot.confirmed_flush_lsn as text),
            'kept', pg_wal_lsn_diff(
                case
                    when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                    else pg_current_wal_lsn()
                end,
                slot.restart_lsn
            )::float8
        )
        from pg_replication_slots as slot
        where slot.slot_name = :'slot'
    ) as slot_facts

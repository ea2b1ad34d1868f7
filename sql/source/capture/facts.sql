-- What capture-purchases must know of the source before it reads changes. One row; a part is null if it is missing.
-- `next_xid` is later than any transaction that is complete. A view, or a table of another kind, has no changes.
-- psql -v publication=user_behaviour -v slot=user_behaviour -f facts.sql
select
    current_setting('server_version_num')::int as version,
    current_setting('wal_level') as wal_level,
    pg_is_in_recovery() as replica,
    current_setting('hot_standby_feedback') as feedback,
    to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
    cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as next_xid,
    (
        select json_build_object(
            'oid', class.oid::bigint,
            'kind', class.relkind,
            'identity', class.relreplident,
            'readable', has_table_privilege(class.oid, 'select')
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

-- Whether this server is a replica, and up to when it has replayed its primary; times in milliseconds since 1970.
-- `replayed` is the time of the last commit that was replayed. With an idle primary it stands still, and after a
-- restart it is null. `heard` is when the primary sent its last message, if everything that was in its log then
-- has been replayed; only a role with pg_read_all_stats sees it. The message is read before the position.
-- `received` and `position` are how far it has received and replayed the log, in bytes; a primary has neither.
-- A reader of Aurora shares the storage of its writer and replays nothing.
select
    server.replica,
    extract(epoch from clock_timestamp())::float8 * 1000 as now,
    case
        when server.replica
            then extract(epoch from pg_last_xact_replay_timestamp())::float8 * 1000
    end as replayed,
    case
        when server.replica and pg_last_wal_replay_lsn() >= receiver.latest_end_lsn
            then extract(epoch from receiver.last_msg_send_time)::float8 * 1000
    end as heard,
    case
        when server.replica then pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::float8
    end as received,
    case
        when server.replica then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::float8
    end as position
from (
    select pg_is_in_recovery() and to_regproc('aurora_version') is null as replica
) as server
left join pg_stat_wal_receiver as receiver on server.replica

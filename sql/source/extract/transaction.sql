-- Which server runs this transaction, since when, and in which process: a pooler may give each transaction another
-- one. The start of a server, to the microsecond, tells it from others. What transactions below `xmin` did is surely
-- in the snapshot; the function has this name in every version of PostgreSQL.
select
    extract(epoch from pg_postmaster_start_time())::text as server,
    pg_backend_pid() as pid,
    to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as began,
    cast(txid_snapshot_xmin(txid_current_snapshot()) as text) as xmin

-- The queries of all loads of a ds, and of all sets of days, by the label that the load sets, a row for each external
-- table that a query reads. Whoever asks decides by the label which sets may have the day.
-- The views keep seven days, and show a user's own queries unless the user has the role sys:monitor. Times are in
-- microseconds.
select
    trim(history.query_label) as label,
    history.query_id,
    trim(history.query_type) as query_type,
    trim(history.status) as status,
    history.start_time,
    history.queue_time,
    history.execution_time,
    history.returned_rows,
    left(history.query_text, 200) as query_text,
    scans.table_name,
    scans.scanned_files,
    scans.total_partitions,
    scans.qualified_partitions,
    scans.rows_from_s3,
    scans.bytes_from_s3
from sys_query_history as history
left join (
    select
        query_id,
        trim(table_name) as table_name,
        sum(scanned_files) as scanned_files,
        max(total_partitions) as total_partitions,
        max(qualified_partitions) as qualified_partitions,
        sum(returned_rows) as rows_from_s3,
        sum(returned_bytes) as bytes_from_s3
    from sys_external_query_detail
    group by query_id, table_name
) as scans on scans.query_id = history.query_id
where history.query_label like :label or history.query_label like :label_of_sets
order by history.query_id, scans.table_name;

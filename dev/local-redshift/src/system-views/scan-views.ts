/** Views of what statements read from external tables (SYS_EXTERNAL_QUERY_DETAIL, SVL_S3QUERY_SUMMARY and others). */
import type { SystemView } from './view-definition.ts';

const scans = 'rs_scan as s inner join rs_query as q on q.query_id = s.query_id';
const tableName = `q.database_name || '.' || s.schema || '.' || s."table"`;
const microseconds = "date_diff('microsecond', s.start_time, s.end_time)";

export const scanViews: Readonly<Record<string, SystemView>> = {
  sys_external_query_detail: {
    columns: `user_id integer, query_id bigint, transaction_id bigint, child_query_sequence integer,
      segment_id integer, source_type varchar, start_time timestamp, end_time timestamp, duration bigint,
      total_partitions integer, qualified_partitions integer, scanned_files bigint, returned_rows bigint,
      returned_bytes bigint, file_format varchar, file_location varchar, external_query_text varchar,
      warning_message varchar, table_name varchar, is_recursive varchar, is_nested varchar,
      s3list_time bigint, get_partition_time bigint`,
    from: scans,
    values: {
      user_id: '100',
      query_id: 's.query_id',
      transaction_id: 'q.transaction_id',
      child_query_sequence: '0',
      segment_id: 's.segment',
      source_type: "'S3'",
      start_time: 's.start_time',
      end_time: 's.end_time',
      duration: microseconds,
      total_partitions: 's.totalPartitions',
      qualified_partitions: 's.qualifiedPartitions',
      scanned_files: 's.files',
      returned_rows: 's.rows',
      returned_bytes: 's.bytes',
      file_format: 's.format',
      file_location: 's.location',
      external_query_text: "''",
      warning_message: 'left(s.warning, 4000)',
      table_name: tableName,
      is_recursive: "'t'",
      is_nested: "'f'",
      s3list_time: 's.listMilliseconds',
      get_partition_time: '0',
    },
  },
  // A step for each scan, and one for what the statement returned or changed.
  sys_query_detail: {
    columns: `user_id integer, query_id bigint, child_query_sequence integer, stream_id integer,
      segment_id integer, step_id integer, step_name varchar, table_id integer, table_name varchar,
      is_rrscan varchar, start_time timestamp, end_time timestamp, duration bigint, alert varchar,
      input_bytes bigint, input_rows bigint, output_bytes bigint, output_rows bigint, blocks_read bigint,
      blocks_write bigint, local_read_IO bigint, remote_read_IO bigint, source varchar,
      data_skewness integer, time_skewness integer, is_active varchar, spilled_block_local_disk bigint,
      spilled_block_remote_disk bigint, step_attribute varchar, metrics_level varchar,
      plan_parent_id integer, plan_node_id integer`,
    from: `(
        select s.query_id, s.segment, 'scan' as step_name, ${tableName} as table_name, s.start_time, s.end_time,
          ${microseconds} as duration, s.warning as alert, s.bytes as input_bytes, s.rows as input_rows,
          s.bytes as output_bytes, s.rows as output_rows, 'S3' as source, q.status
        from ${scans}
        union all
        select q.query_id, (select count(*) from rs_scan as s where s.query_id = q.query_id),
          case q.query_type when 'SELECT' then 'return' when 'DELETE' then 'delete' else 'insert' end, null,
          q.start_time, q.end_time, q.elapsed, null, 0, 0, q.bytes, q.rows, null, q.status
        from rs_query as q
        where q.query_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CTAS') and q.status <> 'queued'
      )`,
    values: {
      user_id: '100',
      query_id: 'query_id',
      child_query_sequence: '1',
      stream_id: '0',
      segment_id: 'segment',
      step_id: '0',
      step_name: 'step_name',
      table_name: 'table_name',
      is_rrscan: "'f'",
      start_time: 'start_time',
      end_time: 'end_time',
      duration: 'duration',
      alert: 'alert',
      input_bytes: 'input_bytes',
      input_rows: 'input_rows',
      output_bytes: 'output_bytes',
      output_rows: 'output_rows',
      source: 'source',
      is_active: "if(status = 'running', 't', 'f')",
      metrics_level: "'Step'",
    },
  },
  svl_s3query_summary: {
    columns: `userid integer, query integer, xid bigint, pid integer, segment integer, step integer,
      starttime timestamp, endtime timestamp, elapsed integer, aborted integer, external_table_name varchar,
      file_format varchar, is_partitioned varchar, is_rrscan varchar, is_nested varchar,
      s3_scanned_rows bigint, s3_scanned_bytes bigint, s3query_returned_rows bigint,
      s3query_returned_bytes bigint, files integer, files_max integer, files_avg integer, splits integer,
      splits_max integer, splits_avg integer, total_split_size bigint, max_split_size bigint,
      avg_split_size bigint, total_retries integer, max_retries integer, max_request_duration integer,
      avg_request_duration double, max_request_parallelism integer, avg_request_parallelism double,
      total_slowdown_count bigint, max_slowdown_count integer`,
    from: scans,
    values: {
      userid: '100',
      query: 's.query_id',
      xid: 'q.transaction_id',
      pid: 'q.session_id',
      segment: 's.segment',
      step: '0',
      starttime: 's.start_time',
      endtime: 's.end_time',
      elapsed: microseconds,
      aborted: "if(q.status in ('failed', 'canceled'), 1, 0)",
      external_table_name: tableName,
      file_format: 's.format',
      is_partitioned: "if(s.partitioned, 't', 'f')",
      is_rrscan: "'f'",
      is_nested: "'f'",
      s3_scanned_rows: 's.rows',
      s3_scanned_bytes: 's.bytes',
      s3query_returned_rows: 's.rows',
      s3query_returned_bytes: 's.bytes',
      files: 's.files',
      files_max: 's.files',
      files_avg: 's.files',
      splits: 's.files',
      splits_max: 's.files',
      splits_avg: 's.files',
      total_split_size: 's.bytes',
      total_retries: '0',
      max_retries: '0',
      total_slowdown_count: '0',
      max_slowdown_count: '0',
    },
  },
  svl_s3partition: {
    columns: `query integer, segment integer, node integer, slice integer, starttime timestamp,
      endtime timestamp, duration bigint, total_partitions integer, qualified_partitions integer,
      assigned_partitions integer, assignment varchar`,
    from: `${scans} where s.partitioned`,
    values: {
      query: 's.query_id',
      segment: 's.segment',
      node: '0',
      slice: '0',
      starttime: 's.start_time',
      endtime: 's.end_time',
      duration: microseconds,
      total_partitions: 's.totalPartitions',
      qualified_partitions: 's.qualifiedPartitions',
      assigned_partitions: 's.qualifiedPartitions',
      assignment: "'p'",
    },
  },
  // The guide sends its readers here for the whole text of an error (c-spectrum-troubleshooting).
  svl_s3log: {
    columns: `pid integer, query integer, segment integer, step integer, node integer, slice integer,
      eventtime timestamp, message varchar`,
    from: `(
        select q.session_id, s.query_id, s.segment, s.end_time, s.warning as message
        from ${scans} where s.warning is not null
        union all
        select session_id, query_id, 0, end_time, error
        from rs_query where error like '%Spectrum Scan Error%'
      )`,
    values: {
      pid: 'session_id',
      query: 'query_id',
      segment: 'segment',
      step: '0',
      node: '0',
      slice: '0',
      eventtime: 'end_time',
      message: 'message',
    },
  },
};

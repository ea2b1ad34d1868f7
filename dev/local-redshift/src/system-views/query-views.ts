/** Views of statements and sessions (SYS_QUERY_HISTORY, STL_QUERY and those around them). */
import type { SystemView } from './view-definition.ts';

const aborted = "if(status in ('failed', 'canceled'), 1, 0)";
/** STL_QUERY has no DDL and no utility commands (r_STL_QUERY). */
const queries = "rs_query where status <> 'queued' and query_type not in ('DDL', 'UTILITY')";
const scaling = { insert_pristine: '0', concurrency_scaling_status: '0' };

const stl = {
  userid: '100',
  query: 'query_id',
  label: 'label',
  xid: 'transaction_id',
  pid: 'session_id',
  starttime: 'start_time',
  endtime: 'end_time',
  aborted,
  ...scaling,
};

export const queryViews: Readonly<Record<string, SystemView>> = {
  sys_query_history: {
    columns: `user_id integer, query_id bigint, query_label varchar, transaction_id bigint, session_id integer,
      database_name varchar, query_type varchar, status varchar, result_cache_hit boolean, start_time timestamp,
      end_time timestamp, elapsed_time bigint, queue_time bigint, execution_time bigint, error_message varchar,
      returned_rows bigint, returned_bytes bigint, query_text varchar, redshift_version varchar,
      usage_limit varchar, compute_type varchar, compile_time bigint, planning_time bigint,
      lock_wait_time bigint, service_class_id integer, service_class_name varchar, query_priority varchar,
      short_query_accelerated varchar, user_query_hash varchar, generic_query_hash varchar,
      query_hash_version integer, result_cache_query_id integer, username varchar`,
    from: 'rs_query',
    values: {
      user_id: '100',
      query_id: 'query_id',
      query_label: 'label',
      transaction_id: 'transaction_id',
      session_id: 'session_id',
      database_name: 'database_name',
      query_type: 'query_type',
      status: 'status',
      result_cache_hit: 'false',
      start_time: 'coalesce(start_time, submit_time)',
      end_time: 'end_time',
      elapsed_time: 'elapsed',
      queue_time: "date_diff('microsecond', submit_time, coalesce(start_time, submit_time))",
      execution_time: 'elapsed',
      error_message: 'left(error, 512)',
      returned_rows: 'if(returns, rows, 0)',
      returned_bytes: 'if(returns, bytes, 0)',
      query_text: 'left(query_text, 4000)',
      compute_type: "'primary'",
      compile_time: '0',
      planning_time: '0',
      lock_wait_time: '0',
      service_class_id: '-1',
      user_query_hash: 'md5(query_text)',
      generic_query_hash: String.raw`md5(regexp_replace(query_text, '''[^'']*''|\b[0-9.]+\b', '?', 'g'))`,
      query_hash_version: '1',
      result_cache_query_id: '0',
      username: 'user_name',
    },
  },
  stl_query: {
    columns: `userid integer, query integer, label varchar, xid bigint, pid integer, database varchar,
      querytxt varchar, starttime timestamp, endtime timestamp, aborted integer, insert_pristine integer,
      concurrency_scaling_status integer`,
    from: queries,
    values: { ...stl, database: 'database_name', querytxt: 'left(query_text, 4000)' },
  },
  stl_querytext: {
    columns:
      'userid integer, xid bigint, pid integer, query integer, sequence integer, text varchar',
    from: `(select *, unnest(range((length(query_text) + 199) // 200)) as sequence from ${queries})`,
    values: {
      ...stl,
      sequence: 'sequence',
      text: 'substring(query_text, sequence * 200 + 1, 200)',
    },
  },
  svl_qlog: {
    columns: `userid integer, query integer, xid bigint, pid integer, starttime timestamp, endtime timestamp,
      elapsed bigint, aborted integer, label varchar, substring varchar, source_query integer,
      concurrency_scaling_status_txt varchar, from_sp_call integer`,
    from: queries,
    values: {
      ...stl,
      elapsed: 'elapsed',
      substring: 'left(query_text, 60)',
      concurrency_scaling_status_txt: "'0 - Ran on the main cluster'",
    },
  },
  stl_wlm_query: {
    columns: `userid integer, xid integer, task integer, query integer, service_class integer,
      slot_count integer, service_class_start_time timestamp, queue_start_time timestamp,
      queue_end_time timestamp, total_queue_time bigint, exec_start_time timestamp, exec_end_time timestamp,
      total_exec_time bigint, service_class_end_time timestamp, final_state varchar, est_peak_mem bigint,
      query_priority varchar, service_class_name varchar`,
    from: queries,
    values: {
      ...stl,
      task: 'query_id',
      service_class: '100',
      slot_count: '1',
      service_class_start_time: 'submit_time',
      queue_start_time: 'submit_time',
      queue_end_time: 'start_time',
      total_queue_time: "date_diff('microsecond', submit_time, start_time)",
      exec_start_time: 'start_time',
      exec_end_time: 'end_time',
      total_exec_time: 'elapsed',
      service_class_end_time: 'end_time',
      final_state: "if(end_time is null, null, 'Completed')",
      query_priority: "'Normal'",
      service_class_name: "'Default queue'",
    },
  },
  stv_recents: {
    columns: `userid integer, status varchar, starttime timestamp, duration bigint, user_name varchar,
      db_name varchar, query varchar, pid integer`,
    from: "rs_query where status <> 'queued'",
    values: {
      userid: '100',
      status: "if(status = 'running', 'Running', 'Done')",
      starttime: 'start_time',
      duration: 'elapsed',
      user_name: 'user_name',
      db_name: 'database_name',
      query: 'left(query_text, 600)',
      pid: "if(status = 'running', session_id, -1)",
    },
  },
  stv_inflight: {
    columns: `userid integer, slice integer, query integer, label varchar, xid bigint, pid integer,
      starttime timestamp, text varchar, suspended integer, insert_pristine integer,
      concurrency_scaling_status integer`,
    from: "rs_query where status = 'running'",
    values: { ...stl, slice: '0', text: 'left(query_text, 100)', suspended: '0' },
  },
  stv_sessions: {
    columns:
      'starttime timestamp, process integer, user_name varchar, db_name varchar, timeout_sec integer',
    from: 'rs_session where active',
    values: {
      starttime: 'start_time',
      process: 'session_id',
      user_name: 'user_name',
      db_name: 'database_name',
      timeout_sec: '0',
    },
  },
  sys_session_history: {
    columns: `user_id varchar, session_id integer, database_name varchar, status varchar,
      session_timeout integer, start_time timestamp, end_time timestamp`,
    from: 'rs_session',
    values: {
      user_id: "'100'",
      session_id: 'session_id',
      database_name: 'database_name',
      status: "if(active, 'active', 'closed')",
      session_timeout: '0',
      start_time: 'start_time',
      end_time: 'end_time',
    },
  },
  // One statement runs at a time, so no other session can see its locks.
  stv_locks: {
    columns: `table_id bigint, last_commit timestamp, last_update timestamp, lock_owner bigint,
      lock_owner_pid bigint, lock_owner_start_ts timestamp, lock_owner_end_ts timestamp,
      lock_status varchar`,
  },
  // Errors of the database itself; SQL errors are not among them (r_STL_ERROR).
  stl_error: {
    columns: `userid integer, process varchar, recordtime timestamp, pid integer, errcode integer,
      file varchar, linenum integer, context varchar, error varchar`,
  },
  // COPY is not supported.
  stl_load_errors: {
    columns: `userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer,
      filename varchar, line_number bigint, colname varchar, type varchar, col_length varchar,
      position integer, raw_line varchar, raw_field_value varchar, err_code integer, err_reason varchar,
      is_partial integer, start_offset bigint, copy_job_id bigint`,
  },
  sys_load_error_detail: {
    columns: `user_id integer, query_id bigint, transaction_id bigint, session_id integer,
      database_name varchar, table_id integer, start_time timestamp, file_name varchar, line_number bigint,
      column_name varchar, column_type varchar, column_length varchar, position integer,
      error_code integer, error_message varchar`,
  },
};

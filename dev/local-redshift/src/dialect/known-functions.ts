/** The functions that Redshift documents (c_SQL_functions). Any other does not exist. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Functions that run on every node. */
const everywhere = words(`
  any_value approximate avg count listagg max median min percentile_cont percentile_disc stddev stddev_samp stddev_pop
  sum variance var_samp var_pop bit_and bit_or bool_and bool_or grouping grouping_id approximate_percentile_disc
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank ratio_to_report row_number
  coalesce decode greatest least nullif nvl nvl2 isnull cast convert try_cast case
  add_months convert_timezone date_cmp date_cmp_timestamp date_cmp_timestamptz date_part date_part_year date_trunc
  dateadd date_add datediff date_diff extract getdate interval_cmp last_day months_between next_day sysdate timeofday
  timestamp_cmp timestamp_cmp_date timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date
  timestamptz_cmp_timestamp timezone to_timestamp trunc date timestamp current_date
  checksum farmfingerprint64 fnv_hash func_sha1 md5 sha sha1 sha2 murmur3_32_hash crc32
  can_json_parse is_valid_json is_valid_json_array json_array_length json_extract_array_element_text
  json_extract_path_text json_parse json_serialize json_serialize_to_varbyte json_size json_typeof
  array array_concat array_flatten array_contains array_position array_positions array_except array_intersection
  array_union array_distinct array_sort array_exclude arrays_overlap array_length get_array_length subarray
  split_to_array object object_transform lower_attribute_names upper_attribute_names
  is_array is_bigint is_boolean is_char is_decimal is_float is_integer is_object is_scalar is_smallint is_varchar
  abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp dlog1 dlog10 exp floor ln log mod pi pow power radians
  random rand round sign sin sinh cosh tanh sqrt tan to_hex from_hex trunc strtol text_to_int_alt text_to_numeric_alt
  ascii bpcharcmp btrim bttext_pattern_cmp char_length character_length charindex chr collate concat crc32 difference
  from_varbyte to_varbyte getbit initcap left len length lower lpad ltrim octetindex octet_length position quote_ident
  quote_literal regexp_count regexp_instr regexp_replace regexp_substr repeat replace replicate reverse right rpad rtrim
  soundex split_part strpos substr substring textlen translate trim upper
  to_char to_date to_number char varchar varbyte
  hll hll_create_sketch hll_cardinality hll_combine hll_combine_sketches
  current_aws_account current_database current_namespace current_user current_user_id session_user user
  has_assumerole_privilege pg_last_query_id pg_last_copy_count pg_last_copy_id pg_last_unload_count pg_last_unload_id
  slice_num user_is_member_of role_is_member_of current_setting set_config pg_backend_pid pg_cancel_backend
  pg_terminate_backend default_iam_role explain_model size decimal_precision decimal_scale db_collation reboot_cluster
  change_query_priority change_session_priority change_user_priority
`);

/** Functions of PostgreSQL that run on the leader node only, where no user's table is read (c_sql-functions-leader-node). */
const leaderOnly = words(`
  age current_schema current_schemas current_time current_timestamp localtime localtimestamp isfinite now
  has_database_privilege has_schema_privilege has_table_privilege has_column_privilege has_function_privilege
  has_language_privilege get_bit get_byte set_bit set_byte to_ascii version generate_series array_upper array_lower
  array_to_string array_dims format_type obj_description col_description pg_get_userbyid pg_get_expr pg_get_viewdef
  pg_get_constraintdef pg_get_indexdef pg_get_functiondef pg_get_ruledef pg_get_triggerdef pg_get_serial_sequence
  pg_table_is_visible pg_type_is_visible pg_function_is_visible pg_encoding_to_char pg_client_encoding pg_get_keywords
  pg_get_cols pg_get_late_binding_view_cols pg_get_iam_role_by_user pg_get_grantee_by_iamrole pg_tablespace_location
  pg_timezone_names pg_timezone_abbrevs pg_is_in_recovery inet_client_addr inet_client_port inet_server_addr inet_server_port quote_nullable nullvalue
`);

export const knownFunctions: ReadonlySet<string> = new Set([...everywhere, ...leaderOnly]);
export const leaderNodeFunctions: ReadonlySet<string> = new Set(leaderOnly);

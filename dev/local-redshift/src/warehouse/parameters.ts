/** The configuration parameters of a new session, with the names and values that SHOW returns. */
import { warehouseUser } from '@user-behaviour/local-cloud/environment';

export const parameters: ReadonlyMap<string, string> = new Map([
  ['analyze_threshold_percent', '10'],
  ['client_encoding', 'UTF8'],
  ['datestyle', 'ISO, MDY'],
  ['describe_field_name_in_uppercase', 'off'],
  ['enable_case_sensitive_identifier', 'off'],
  ['enable_result_cache_for_session', 'on'],
  ['extra_float_digits', '0'],
  ['integer_datetimes', 'on'],
  ['is_superuser', 'on'],
  ['max_identifier_length', '127'],
  ['max_index_keys', '32'],
  ['query_group', 'unset'],
  ['search_path', '$user, public'],
  ['server_encoding', 'UTF8'],
  // Drivers decide by it which catalog queries they send.
  ['server_version', '8.0.2'],
  ['session_authorization', warehouseUser],
  // A backslash in a string is an escape (sql-tokens.ts). Clients double it if this is off.
  ['standard_conforming_strings', 'off'],
  ['statement_timeout', '0'],
  ['timezone', 'UTC'],
  ['transaction_isolation', 'serializable'],
  ['wlm_query_slot_count', '1'],
]);

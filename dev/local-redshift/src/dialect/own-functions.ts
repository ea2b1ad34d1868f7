/** Macros for functions that DuckDB lacks, or that it or the translator gives another meaning. */
import { warehouseUser } from '@user-behaviour/local-cloud/environment';
import { quoteLiteral } from '../sql/sql-tokens.ts';

/** A date in one of Redshift's other forms (r_Date_and_time_literals; DateStyle is ISO, MDY). */
const dateForms = [
  '%m/%d/%Y',
  '%m-%d-%Y',
  '%m/%d/%y',
  '%Y-%b-%d',
  '%b-%d-%Y',
  '%d-%b-%Y',
  '%B %d, %Y',
  '%b %d, %Y',
  '%b %d %Y',
  '%Y%m%d',
];
const timeForms = ['%H:%M:%S.%f', '%H:%M:%S', '%H:%M', '%I:%M %p'];
const list = (forms: readonly string[]): string =>
  `[${forms.map((form) => `'${form}'`).join(', ')}]`;
const momentForms = dateForms.flatMap((date) => timeForms.map((time) => `${date} ${time}`));

/** Text in another form than ISO is tried last, so that other values cost nothing. */
const otherForms = (type: string, forms: readonly string[]): string =>
  `coalesce(try_cast(x as ${type}),
    cast(try_strptime(trim(cast(x as varchar)), ${list(forms)}) as ${type}),
    cast(x as ${type}))`;

const define = (signature: string, body: string): string =>
  `create or replace macro main.rs_${signature} as ${body}`;

const dateWithTime = 'cast(x as timestamp)';

/** The pattern of SIMILAR TO as a regular expression. */
const similar = ['\\%', '\\_', '%', '_']
  .map((from, index) => [from, ['\u0001', '\u0002', '.*', '.'][index]])
  .concat([
    ['\u0001', '%'],
    ['\u0002', '_'],
  ])
  .reduce((sql, [from, to]) => `replace(${sql}, '${from}', '${to}')`, 'p');

const text: readonly string[] = [
  define('sha2(x, bits)', 'js_sha2(cast(x as varchar), cast(bits as integer))'),
  define('sha(x)', 'sha1(x)'),
  define('func_sha1(x)', 'sha1(x)'),
  define('crc32(x)', 'js_crc32(cast(x as varchar))'),
  define('strtol(x, base)', 'js_strtol(cast(x as varchar), cast(base as integer))'),
  define('initcap(x)', 'js_initcap(cast(x as varchar))'),
  define(
    "regexp_count(x, p, start := 1, flags := '')",
    'js_regexp_count(x, p, cast(start as integer), flags)',
  ),
  define(
    "regexp_instr(x, p, start := 1, nth := 1, option := 0, flags := '')",
    'js_regexp_instr(x, p, cast(start as integer), cast(nth as integer), option, flags)',
  ),
  define(
    "regexp_substr(x, p, start := 1, nth := 1, flags := '')",
    'js_regexp_substr(x, p, cast(start as integer), cast(nth as integer), flags)',
  ),
  define(
    "regexp_replace(x, p, r := '', start := 1, flags := '')",
    'js_regexp_replace(x, p, r, cast(start as integer), flags)',
  ),
  define('similar(x, p)', `regexp_full_match(x, ${similar}, 's')`),
  define('not_similar(x, p)', `not regexp_full_match(x, ${similar}, 's')`),
  define('quote_literal(x)', `'''' || replace(cast(x as varchar), '''', '''''') || ''''`),
  define(
    'quote_ident(x)',
    `case when regexp_full_match(x, '[a-z_][a-z0-9_$]*') then x
      else '"' || replace(x, '"', '""') || '"' end`,
  ),
  // Trailing blanks do not count (r_BPCHARCMP).
  define(
    'bpcharcmp(x, y)',
    'sign(case when rtrim(x) > rtrim(y) then 1 when rtrim(x) < rtrim(y) then -1 else 0 end)',
  ),
];

const numbers: readonly string[] = [
  define('dexp(x)', 'exp(x)'),
  define('dlog1(x)', 'ln(x)'),
  define('dlog10(x)', 'log10(x)'),
  define('log(x)', 'log10(x)'),
  // The type of the second argument decides, so numbers and times have the same name.
  define(
    'to_char(x, format)',
    `case when typeof(x) in ('DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR')
      then js_format_time(cast(x as varchar), format) else js_format_number(cast(x as varchar), format) end`,
  ),
  define('to_number(x, format)', 'cast(js_parse_number(x, format) as decimal(38, 10))'),
  define('untyped(x, y)', 'x'),
  define('ratio(x, total)', 'cast(x as double) / nullif(cast(total as double), 0)'),
  // The second argument only gives the type of what was summed (r_WF_SUM, r_WF_AVG).
  `create or replace macro main.rs_window_sum(total, x) as total,
    (total, x boolean) as cast(error('rs:error:function sum(boolean) does not exist') as bigint),
    (total, x smallint) as cast(total as bigint),
    (total, x integer) as cast(total as bigint),
    (total, x bigint) as cast(total as decimal(38, 0))`,
  `create or replace macro main.rs_window_avg(average, x) as average,
    (average, x smallint) as cast(trunc(average) as bigint),
    (average, x integer) as cast(trunc(average) as bigint),
    (average, x bigint) as cast(trunc(average) as bigint)`,
];

const times: readonly string[] = [
  define(
    'date(x)',
    `case when typeof(x) = 'VARCHAR' then ${otherForms('date', dateForms)} else cast(x as date) end`,
  ),
  define(
    'timestamp(x)',
    `case when typeof(x) = 'VARCHAR' then ${otherForms('timestamp', [...dateForms, ...momentForms])} else ${dateWithTime} end`,
  ),
  define(
    'to_date(x, format, strict := false)',
    'cast(js_parse_time(cast(x as varchar), format, cast(strict as boolean)) as date)',
  ),
  define(
    'to_timestamp(x, format, strict := false)',
    `cast(js_parse_time(cast(x as varchar), format, cast(strict as boolean)) as timestamp) at time zone 'UTC'`,
  ),
  // The last day of a month stays the last day (r_ADD_MONTHS).
  define(
    'add_months(x, n)',
    `case when day(${dateWithTime}) = day(last_day(${dateWithTime}))
      then cast(last_day(${dateWithTime} + to_months(cast(n as integer))) as timestamp)
        + (${dateWithTime} - date_trunc('day', ${dateWithTime}))
      else ${dateWithTime} + to_months(cast(n as integer)) end`,
  ),
  define(
    'next_day(x, name)',
    `cast(cast(x as date) + cast(1 + ((list_position(['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'],
      lower(left(name, 2))) - isodow(cast(x as date)) + 6) % 7) as integer) as date)`,
  ),
  define(
    'date_cmp(x, y)',
    "cast(sign(date_diff('day', cast(y as date), cast(x as date))) as integer)",
  ),
  define('current_date()', "cast(now() at time zone 'UTC' as date)"),
  define('current_timestamp()', 'now()'),
  define(
    'timeofday()',
    "js_format_time(cast(now() as varchar), 'Dy Mon DD HH24:MI:SS.US YYYY TZ')",
  ),
];

const json: readonly string[] = [
  define('json_parse(x)', 'cast(x as json)'),
  define('can_json_parse(x)', 'json_valid(x)'),
  define('json_serialize(x)', 'cast(x as varchar)'),
  define(
    'json_typeof(x)',
    `case json_type(x) when 'VARCHAR' then 'string' when 'BIGINT' then 'number' when 'UBIGINT' then 'number'
      when 'DOUBLE' then 'number' else lower(json_type(x)) end`,
  ),
  define('is_valid_json(x)', "json_valid(x) and json_type(x) = 'OBJECT'"),
  define('is_valid_json_array(x)', "json_valid(x) and json_type(x) = 'ARRAY'"),
  define('json_array_length(x)', 'cast(json_array_length(cast(x as json)) as integer)'),
  define(
    'json_extract_array_element_text(x, n)',
    "cast(x as json) ->> cast('$[' || n || ']' as varchar)",
  ),
  // The last argument may be null_if_invalid; the type tells it from an element of the path.
  define(
    'json_extract_path_text(x, a, b := null, c := null, d := null, e := null, f := null)',
    `js_json_path(cast(x as varchar),
      cast(to_json([k for k in [cast(a as varchar), ${['b', 'c', 'd', 'e', 'f']
        .map(
          (name) =>
            `case when typeof(${name}) = 'BOOLEAN' then null else cast(${name} as varchar) end`,
        )
        .join(', ')}] if k is not null]) as varchar),
      ${['b', 'c', 'd', 'e', 'f']
        .map((name) => `(typeof(${name}) = 'BOOLEAN' and cast(${name} as varchar) = 'true')`)
        .join(' or ')})`,
  ),
];

const user = quoteLiteral(warehouseUser);

const system: readonly string[] = [
  define(
    'version()',
    `'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103'`,
  ),
  define('current_user()', user),
  define('current_user_id()', '100'),
  define('pg_get_userbyid(id)', user),
  define('set_config(name, value, is_local)', 'value'),
  define('pg_backend_pid()', '1073750000'),
];

export const ownFunctions: readonly string[] = [...text, ...numbers, ...times, ...json, ...system];

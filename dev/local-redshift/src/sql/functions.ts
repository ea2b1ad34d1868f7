/** Macros that return Redshift's results where DuckDB's differ. Created at each start. */

import { ownFunctions } from '../dialect/own-functions.ts';

const wholeNumber = String.raw`[+-]?[0-9]+`;

/**
 * Converts only text that is an integer; otherwise the message is that of the compute node (code 1207).
 * `typeof` is evaluated when the statement is bound, so numbers are never converted to text.
 */
const integerCast = (name: string, type: string, label: string): string => `
  create or replace macro main.${name}(x) as case
    when typeof(x) = 'VARCHAR' and not regexp_full_match(trim(cast(x as varchar)), '${wholeNumber}')
    then error('rs:invalid-digit:${label}:' || cast(x as varchar))
    else cast(x as ${type})
  end`;

/** Truncates to n bytes, but never inside a character (r_CAST_function, r_Character_types). */
const cut = `
  create or replace macro main.rs_varchar(x, n) as case
    when strlen(cast(x as varchar)) <= n then cast(x as varchar)
    else left(cast(x as varchar), list_max(
      list_filter(range(0, n + 1), lambda i : strlen(left(cast(x as varchar), i)) <= n)
    ))
  end`;

/** DATEADD for each unit. */
const dateAdditions = [
  'millennia',
  'centuries',
  'decades',
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
  'microseconds',
].map(
  (unit) => `create or replace macro main.rs_dateadd_${unit}(n, x) as
    cast(x as timestamp) + to_${unit}(cast(n as integer))`,
);

export const functionDefinitions: readonly string[] = [
  integerCast('rs_smallint', 'smallint', 'Smallint'),
  integerCast('rs_int', 'integer', 'Integer'),
  integerCast('rs_bigint', 'bigint', 'Bigint'),
  // The operands keep their types, so that DuckDB's integer_division behaves like Redshift.
  `create or replace macro main.rs_divisor(x) as
    case when x = 0 then error('rs:divide-by-zero') else x end`,
  cut,
  `create or replace macro main.rs_sum(x) as sum(x),
    (x boolean) as cast(error('rs:error:function sum(boolean) does not exist') as bigint),
    (x smallint) as cast(sum(x) as bigint),
    (x integer) as cast(sum(x) as bigint),
    (x bigint) as cast(sum(x) as decimal(38, 0))`,
  `create or replace macro main.rs_avg(x) as avg(x),
    (x boolean) as cast(error('rs:error:function avg(boolean) does not exist') as bigint),
    (x bigint) as cast(sum(x) // nullif(count(x), 0) as bigint)`,
  `create or replace macro main.rs_trunc(x) as trunc(x),
    (x date) as x,
    (x timestamp) as cast(x as date)`,
  ...dateAdditions,
  `create or replace macro main.rs_dateadd_quarters(n, x) as
    cast(x as timestamp) + to_months(cast(n as integer) * 3)`,
  `create or replace macro main.rs_getdate() as
    date_trunc('second', cast(now() at time zone 'UTC' as timestamp))`,
  `create or replace macro main.rs_sysdate() as cast(now() at time zone 'UTC' as timestamp)`,
  `create or replace macro main.btrim(x) as trim(x), (x, y) as trim(x, y)`,
  ...ownFunctions,
];

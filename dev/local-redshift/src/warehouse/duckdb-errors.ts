/** Converts DuckDB's errors to Redshift's, because callers use the text to decide whether to retry. */
import { scanError } from '../external/spectrum-files.ts';
import { computeError, WarehouseError } from './warehouse-error.ts';

type Rule = readonly [RegExp, (found: readonly string[]) => WarehouseError];

const typeLabels: Readonly<Record<string, string>> = {
  INT16: 'Smallint',
  INT32: 'Integer',
  INT64: 'Bigint',
};

/** The first matching rule applies. */
const rules: readonly Rule[] = [
  // Raised by the views of external tables (contents/column-values.ts).
  [/rs:scan:([^]*?):file:([^]*)/, ([, context = '', file = '']) => scanError(context, file)],
  [
    /Invalid string encoding found in Parquet file/,
    () =>
      computeError('Spectrum Scan Error', 15_007, 'The data contains an invalid UTF-8 character'),
  ],
  [/rs:error:([^\n]*)/, ([, message = '']) => new WarehouseError(message)],
  [/rs:divide-by-zero/, () => computeError('Divide by zero', 1058)],
  [/rs:invalid-digit:(\w+):([\s\S]*)/, ([, type = '', value = '']) => invalidDigit(value, type)],
  [
    /Could not convert string ['"]([\s\S]*?)['"] to (INT\d+|DECIMAL|DOUBLE|FLOAT|BOOL)/,
    ([, value = '', type = '']) =>
      /^\s*[+-]?\d+\s*$/.test(value) && type.startsWith('INT')
        ? computeError('Overflow', 1058, value)
        : invalidDigit(value, typeLabels[type] ?? type.charAt(0) + type.slice(1).toLowerCase()),
  ],
  [
    /(?:date|timestamp|time) field value out of range: "([^"]*)"/,
    ([, value = '']) => new WarehouseError(`date/time field value out of range: "${value}"`),
  ],
  [
    /invalid (?:date|timestamp|time) field format: "([^"]*)"/,
    ([, value = '']) => new WarehouseError(`invalid input syntax for type date: "${value}"`),
  ],
  [
    /Transaction conflict|Conflict on|write-write conflict|cannot (?:update|delete|drop) .* altered/i,
    () =>
      new WarehouseError(
        '1023',
        'Serializable isolation violation on table, transactions forming the cycle are: local',
      ),
  ],
  [
    /CHECK constraint failed on table (\S+) with expression CHECK\(\(strlen\("?(.+?)"?\) <= (\d+)\)\)/,
    ([, , , length = '']) =>
      new WarehouseError(
        'Value too long for character type',
        `Value too long for type character varying(${length})`,
      ),
  ],
  [
    /NOT NULL constraint failed: \S*?([^.\s]+)$/m,
    ([, column = '']) => new WarehouseError(`Cannot insert a NULL value into column ${column}`),
  ],
  [
    /value is out of range|Overflow in|out of range for the destination type|Out of Range Error/,
    () => new WarehouseError('Numeric data overflow (result precision)'),
  ],
  [
    /(?:Table|View|Schema) with name "?([^"\s]+)"? already exists/,
    ([, name = '']) => new WarehouseError(`Relation "${name}" already exists`),
  ],
  [
    /Table with name "?([^"\s]+?)"? does not exist because schema "([^"]+)" does not exist/,
    ([, , schema = '']) => new WarehouseError(`schema "${schema}" does not exist`),
  ],
  [
    /(?:Table|View) with name "?([^"\s]+?)"? does not exist/,
    ([, name = '']) => new WarehouseError(`relation "${name}" does not exist`),
  ],
  [
    /Circular reference to CTE "([^"]+)"/,
    ([, name = '']) => new WarehouseError(`relation "${name}" does not exist`),
  ],
  [
    /Schema with name "?([^"\s]+?)"? does not exist/,
    ([, name = '']) => new WarehouseError(`schema "${name}" does not exist`),
  ],
  [
    /(?:Scalar |Aggregate |Table )?Function with name "?([^"\s]+?)"? does not exist/,
    ([, name = '']) => new WarehouseError(`function ${name}() does not exist`),
  ],
  [
    /Referenced column "([^"]+)"|does not have a column with name "([^"]+)"|does not have a column named "([^"]+)"/,
    ([, ...names]) => new WarehouseError(`column "${names.find(Boolean) ?? ''}" does not exist`),
  ],
  [
    /column "([^"]+)" must appear in the GROUP BY clause/,
    ([, name = '']) =>
      new WarehouseError(
        `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
      ),
  ],
  [
    /Ambiguous reference to column name "([^"]+)"/,
    ([, name = '']) => new WarehouseError(`column reference "${name}" is ambiguous`),
  ],
  [
    /syntax error at or near "([^"]*)"/,
    ([, near = '']) => new WarehouseError(`syntax error at or near "${near}"`),
  ],
];

/** Converts any error of a statement. Without a matching rule, keeps its first line. */
export function toWarehouseError(error: unknown): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, make] of rules) {
    const found = pattern.exec(message);
    if (found !== null) return make(found);
  }
  return new WarehouseError(message.split('\n')[0] ?? message);
}

/** Whether DuckDB could not choose between the overloads of rs_sum or rs_avg (functions.ts). */
export function isAmbiguousAggregate(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Macro rs_(window_)?(sum|avg)\(\) has multiple overloads/.test(error.message)
  );
}

/** The compute node's error for a cast of text that is not a number. */
function invalidDigit(value: string, type: string): WarehouseError {
  const at = Math.max(0, value.search(/[^\d+-]/));
  return computeError(
    `Invalid digit, Value '${value[at] ?? ' '}', Pos ${at}, Type: ${type}`,
    1207,
    value,
  );
}

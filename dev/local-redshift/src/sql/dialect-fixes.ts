/** Replaces expressions whose results differ between DuckDB and Redshift with the functions of functions.ts. */
import { strftimeFormat } from './date-format.ts';
import {
  call,
  isObject,
  mapTree,
  numberLiteral,
  objectAt,
  stringLiteral,
  textAt,
  type Json,
  type JsonObject,
} from './syntax-tree.ts';

/** The tree with all fixes applied. */
export function applyDialectFixes(statement: Json): Json {
  return mapTree(statement, (node, path) => {
    const fixed = fixNode(node, path);
    return isObject(fixed) ? lowerCase(fixed) : fixed;
  });
}

/** Redshift folds names to lower case, even quoted ones (r_names). */
function lowerCase(node: JsonObject): JsonObject {
  if (typeof node['name'] !== 'string' || typeof node['quoted'] !== 'boolean') return node;
  return 'args' in node ? node : { ...node, name: node['name'].toLowerCase() };
}

function fixNode(node: JsonObject, path: readonly string[]): Json {
  const [kind] = Object.keys(node);
  const body = kind === undefined ? undefined : node[kind];
  if (kind === undefined || !isObject(body)) return node;
  switch (kind) {
    case 'cast':
      return fixCast(node, body);
    case 'div':
    case 'mod':
      return { [kind]: { ...body, right: call('rs_divisor', body['right'] ?? null) } };
    case 'mod_func':
      return { mod_func: { ...body, expression: call('rs_divisor', body['expression'] ?? null) } };
    case 'sum':
    case 'avg':
      return fixAggregate(node, kind, body, path);
    case 'function':
      return fixFunction(node, body);
    case 'like':
    case 'i_like':
      return fixLike(node, kind, body);
    default:
      return node;
  }
}

const integerCasts: Readonly<Record<string, string>> = {
  small_int: 'rs_smallint',
  int: 'rs_int',
  big_int: 'rs_bigint',
};

/** Text that is not an integer is an error, even `1.5` and `1e3`. A cast to varchar(n) truncates. decimal means (18, 0). */
function fixCast(node: JsonObject, body: JsonObject): Json {
  const to = objectAt(body, 'to');
  const type = to?.['data_type'];
  const value = body['this'] ?? null;
  if (typeof type !== 'string' || to === undefined) return node;
  const integer = integerCasts[type];
  if (integer !== undefined) return call(integer, value);
  if (type === 'var_char' || type === 'char') {
    const length = to['length'];
    if (typeof length === 'number') return call('rs_varchar', value, numberLiteral(length));
    const open = { data_type: 'var_char', length: null };
    return type === 'char' ? call('rs_varchar', value, numberLiteral(1)) : cast(body, open);
  }
  if (type === 'text') return cast(body, { data_type: 'var_char', length: null });
  if (type === 'decimal') {
    return cast(body, { ...to, precision: to['precision'] ?? 18, scale: to['scale'] ?? 0 });
  }
  if (type === 'float' && to['precision'] == null) {
    return cast(body, { data_type: 'double', precision: null, scale: null });
  }
  return node;
}

function cast(body: JsonObject, to: JsonObject): JsonObject {
  return { cast: { ...body, to } };
}

/** sum and avg of integers are bigint or numeric (r_SUM, r_AVG). With windows and filters, DuckDB's types remain. */
function fixAggregate(
  node: JsonObject,
  kind: string,
  body: JsonObject,
  path: readonly string[],
): Json {
  const inWindow = path.at(-1) === 'this' && path.at(-2) === 'window_function';
  if (inWindow || body['distinct'] === true || body['filter'] != null) return node;
  return call(`rs_${kind}`, body['this'] ?? null);
}

function fixFunction(node: JsonObject, body: JsonObject): Json {
  const args = Array.isArray(body['args']) ? body['args'] : [];
  switch (textAt(body, 'name')?.toLowerCase() ?? '') {
    case 'getdate':
      return call('rs_getdate');
    case 'sysdate':
      return call('rs_sysdate');
    case 'octet_length':
      return call('strlen', ...args);
    case 'dateadd':
    case 'date_add':
      return fixDateAdd(node, args);
    case 'trunc':
      return args.length === 1 ? call('rs_trunc', ...args) : node;
    case 'to_char': {
      const format = textAt(args[1], 'literal', 'value');
      if (format === undefined) return node;
      return call('rs_to_char', args[0] ?? null, stringLiteral(strftimeFormat(format)));
    }
    default:
      return node;
  }
}

/** The translator writes negative numbers in a form that DuckDB cannot parse. The result is a timestamp (r_DATEADD). */
function fixDateAdd(node: JsonObject, args: readonly Json[]): Json {
  const [part, number, date] = args;
  const name = (
    textAt(part, 'var', 'this') ??
    textAt(part, 'literal', 'value') ??
    ''
  ).toLowerCase();
  const unit = dateParts[name];
  if (unit === undefined || number === undefined || date === undefined) return node;
  return call(`rs_add_${unit}`, number, date);
}

const dateParts: Readonly<Record<string, string>> = {
  year: 'years',
  years: 'years',
  y: 'years',
  quarter: 'quarters',
  quarters: 'quarters',
  month: 'months',
  months: 'months',
  mon: 'months',
  week: 'weeks',
  weeks: 'weeks',
  w: 'weeks',
  day: 'days',
  days: 'days',
  d: 'days',
  hour: 'hours',
  hours: 'hours',
  h: 'hours',
  minute: 'minutes',
  minutes: 'minutes',
  m: 'minutes',
  second: 'seconds',
  seconds: 'seconds',
  s: 'seconds',
};

/** Backslash is the default escape character of a pattern (r_patternmatching_condition_like). */
function fixLike(node: JsonObject, kind: string, body: JsonObject): Json {
  const pattern = textAt(body, 'right', 'literal', 'value');
  // The placeholder of a literal with a backslash says so (translate.ts).
  if (body['escape'] != null || pattern?.endsWith('-backslash') !== true) return node;
  return { [kind]: { ...body, escape: stringLiteral('\\') } };
}

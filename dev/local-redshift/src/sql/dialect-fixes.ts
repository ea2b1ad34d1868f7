/** Where DuckDB would answer otherwise than Redshift: expressions are replaced by the functions of functions.ts. */
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

/** The tree with every correction made. */
export function correct(statement: Json): Json {
  return mapTree(statement, (node, path) => {
    const corrected = correctNode(node, path);
    return isObject(corrected) ? lowerCase(corrected) : corrected;
  });
}

/** Redshift folds names to lower case, quoted ones as well (r_names). */
function lowerCase(node: JsonObject): JsonObject {
  if (typeof node['name'] !== 'string' || typeof node['quoted'] !== 'boolean') return node;
  return 'args' in node ? node : { ...node, name: node['name'].toLowerCase() };
}

function correctNode(node: JsonObject, path: readonly string[]): Json {
  const [kind] = Object.keys(node);
  const body = kind === undefined ? undefined : node[kind];
  if (kind === undefined || !isObject(body)) return node;
  switch (kind) {
    case 'cast':
      return correctCast(node, body);
    case 'div':
    case 'mod':
      return { [kind]: { ...body, right: call('rs_divisor', body['right'] ?? null) } };
    case 'mod_func':
      return { mod_func: { ...body, expression: call('rs_divisor', body['expression'] ?? null) } };
    case 'sum':
    case 'avg':
      return correctAggregate(node, kind, body, path);
    case 'function':
      return correctFunction(node, body);
    case 'like':
    case 'i_like':
      return correctLike(node, kind, body);
    default:
      return node;
  }
}

const integerCasts: Readonly<Record<string, string>> = {
  small_int: 'rs_smallint',
  int: 'rs_int',
  big_int: 'rs_bigint',
};

/** Text that is no number is an error, also `1.5` and `1e3`; a cast to varchar(n) cuts; decimal means (18, 0). */
function correctCast(node: JsonObject, body: JsonObject): Json {
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

/** sum and avg of integers are bigint or numeric (r_SUM, r_AVG). Windows and filters keep DuckDB's types. */
function correctAggregate(
  node: JsonObject,
  kind: string,
  body: JsonObject,
  path: readonly string[],
): Json {
  const inWindow = path.at(-1) === 'this' && path.at(-2) === 'window_function';
  if (inWindow || body['distinct'] === true || body['filter'] != null) return node;
  return call(`rs_${kind}`, body['this'] ?? null);
}

function correctFunction(node: JsonObject, body: JsonObject): Json {
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
      return correctDateAdd(node, args);
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

/** The translator writes a negative number in a way that DuckDB does not read; the result is a timestamp (r_DATEADD). */
function correctDateAdd(node: JsonObject, args: readonly Json[]): Json {
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

/** A backslash escapes in a pattern unless the statement says otherwise (r_patternmatching_condition_like). */
function correctLike(node: JsonObject, kind: string, body: JsonObject): Json {
  const pattern = textAt(body, 'right', 'literal', 'value');
  // A literal with a backslash is hidden from the translator (translate.ts), its name says so.
  if (body['escape'] != null || pattern?.endsWith('-backslash') !== true) return node;
  return { [kind]: { ...body, escape: stringLiteral('\\') } };
}

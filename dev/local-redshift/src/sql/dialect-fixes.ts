/** Replaces expressions whose results differ between DuckDB and Redshift with the macros of functions.ts and own-functions.ts. */
import {
  call,
  isObject,
  listAt,
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

/** Words that DuckDB reserves, but Redshift does not (r_pg_keywords). */
const reserved = new Set(
  'anti asof asymmetric at describe glob lambda lateral positional returning semi show summarize symmetric variadic'.split(
    ' ',
  ),
);

/** Redshift folds names to lower case, even quoted ones (r_names). */
function lowerCase(node: JsonObject): JsonObject {
  if (typeof node['name'] !== 'string' || typeof node['quoted'] !== 'boolean') return node;
  if ('args' in node) return node;
  const name = node['name'].toLowerCase();
  return { ...node, name, quoted: node['quoted'] || reserved.has(name) };
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
    case 'similar_to':
      return fixSimilar(node, body);
    case 'window_function':
      return fixWindow(node, body);
    case 'list_agg':
      // Without a delimiter there is none; DuckDB's is a comma.
      return body['separator'] == null
        ? { list_agg: { ...body, separator: stringLiteral('') } }
        : node;
    case 'literal':
      return fixLiteral(node, body);
    case 'select':
      return { select: withQualify(body) };
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
  if (textAt(value, 'function', 'name') === 'rs_try') return node;
  if (type === 'date') return call('rs_date', value);
  if (type === 'timestamp' && to['timezone'] !== true) return call('rs_timestamp', value);
  if (type === 'custom' && to['name'] === 'SUPER') return cast(body, { data_type: 'json' });
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

/** The types of sum and avg, as above, and RATIO_TO_REPORT, which DuckDB lacks. */
function fixWindow(node: JsonObject, body: JsonObject): Json {
  const aggregate = objectAt(body, 'this');
  const sum = objectAt(aggregate, 'sum') ?? objectAt(aggregate, 'avg');
  if (sum !== undefined && aggregate !== undefined) {
    const [kind = ''] = Object.keys(aggregate);
    return call(`rs_window_${kind}`, node, sum['this'] ?? null);
  }
  if (textAt(aggregate, 'function', 'name')?.toLowerCase() !== 'ratio_to_report') return node;
  const [value = null] = listAt(aggregate, 'function', 'args');
  return call('rs_ratio', value, { window_function: { ...body, this: sumOf(value) } });
}

function sumOf(value: Json): JsonObject {
  return {
    sum: {
      this: value,
      distinct: false,
      filter: null,
      order_by: [],
      name: 'SUM',
      ignore_nulls: null,
      limit: null,
    },
  };
}

/** DuckDB takes the pattern for a regular expression, without % and _. */
function fixSimilar(node: JsonObject, body: JsonObject): Json {
  if (body['escape'] != null) return node;
  const name = body['not'] === true ? 'rs_not_similar' : 'rs_similar';
  return call(name, body['this'] ?? null, body['pattern'] ?? null);
}

/** DATE '12/01/2010' is read like a cast. */
function fixLiteral(node: JsonObject, body: JsonObject): Json {
  const [type, value] = [textAt(body, 'literal_type'), textAt(body, 'value') ?? ''];
  if ((type !== 'date' && type !== 'timestamp') || /^\d{4}-/.test(value)) return node;
  return call(`rs_${type}`, stringLiteral(value));
}

/** The translator would make QUALIFY a subquery with a column more; translate.ts restores it from the marker. */
function withQualify(body: JsonObject): JsonObject {
  const condition = objectAt(body, 'qualify')?.['this'];
  if (condition === undefined) return body;
  const marker = call('rs_qualify', condition);
  const having = objectAt(body, 'having')?.['this'];
  const both =
    having === undefined
      ? marker
      : { and: { left: { paren: { this: having, trailing_comments: [] } }, right: marker } };
  return { ...body, qualify: null, having: { this: both } };
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
  return call(`rs_dateadd_${unit}`, number, date);
}

/** The names of own-names.ts, in the plural of the macros. */
const dateParts: Readonly<Record<string, string>> = {
  millennium: 'millennia',
  century: 'centuries',
  decade: 'decades',
  year: 'years',
  quarter: 'quarters',
  month: 'months',
  week: 'weeks',
  day: 'days',
  hour: 'hours',
  minute: 'minutes',
  second: 'seconds',
  millisecond: 'milliseconds',
  microsecond: 'microseconds',
};

/** Backslash is the default escape character of a pattern (r_patternmatching_condition_like). */
function fixLike(node: JsonObject, kind: string, body: JsonObject): Json {
  const pattern = textAt(body, 'right', 'literal', 'value');
  // The placeholder of a literal with a backslash says so (translate.ts).
  if (body['escape'] != null || pattern?.endsWith('-backslash') !== true) return node;
  return { [kind]: { ...body, escape: stringLiteral('\\') } };
}

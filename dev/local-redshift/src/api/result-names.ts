/** Names result columns without an alias like PostgreSQL, on which Redshift is based. */
import {
  identifier,
  isObject,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../sql/syntax-tree.ts';

const unnamed = '?column?';

/** Functions with their own node kind, after which their column is named. */
const named = new Set(
  (
    'coalesce case count sum avg min max upper lower length substring round abs greatest least ' +
    'nullif row_number rank dense_rank lag lead first_value last_value nth_value ntile cume_dist percent_rank median ' +
    'stddev stddev_samp stddev_pop variance var_samp var_pop any_value ceil floor sqrt exp ln pi degrees radians ' +
    'last_day trim percentile_cont percentile_disc exists'
  ).split(' '),
);

/** Adds an alias to every output column that needs one. Returns other statements unchanged. */
export function nameResultColumns(statement: Json): Json {
  if (!isObject(statement)) return statement;
  for (const kind of ['union', 'except', 'intersect'] as const) {
    const body = statement[kind];
    // The first branch determines the column names.
    if (isObject(body))
      return { [kind]: { ...body, left: nameResultColumns(body['left'] ?? null) } };
  }
  const created = statement['create_table'];
  if (isObject(created) && isObject(created['as_select'])) {
    return { create_table: { ...created, as_select: nameResultColumns(created['as_select']) } };
  }
  const select = statement['select'];
  if (!isObject(select) || !Array.isArray(select['expressions'])) return statement;
  return { select: { ...select, expressions: select['expressions'].map(withName) } };
}

function withName(expression: Json): Json {
  if (!isObject(expression)) return expression;
  const [kind] = Object.keys(expression);
  if (kind === undefined || ['alias', 'star', 'column', 'dot'].includes(kind)) return expression;
  return {
    alias: {
      this: expression,
      alias: { ...identifier(columnName(expression)), quoted: true },
      column_aliases: [],
      alias_explicit_as: true,
      pre_alias_comments: [],
      trailing_comments: [],
    },
  };
}

function columnName(expression: JsonObject): string {
  const [kind = ''] = Object.keys(expression);
  switch (kind) {
    case 'column':
      return (textAt(expression, 'column', 'name', 'name') ?? unnamed).toLowerCase();
    case 'function':
      return functionName((textAt(expression, 'function', 'name') ?? unnamed).toLowerCase());
    case 'cast':
    case 'paren':
    case 'window_function':
    case 'within_group': {
      const inner = objectAt(expression, kind, 'this');
      return inner === undefined ? unnamed : columnName(inner);
    }
    case 'nvl':
      return 'coalesce';
    case 'nvl2':
      return 'case';
    case 'list_agg':
      return 'listagg';
    case 'extract':
      return 'date_part';
    case 'str_position':
      return 'strpos';
    case 'subquery': {
      const [first] = selected(expression);
      return isObject(first) ? columnName(first) : unnamed;
    }
    case 'alias':
      return textAt(expression, 'alias', 'alias', 'name') ?? unnamed;
    default:
      return named.has(kind) ? kind : unnamed;
  }
}

/** Our own names have a prefix. CURRENT_DATE and CURRENT_TIMESTAMP are casts, after whose type the column is named. */
function functionName(name: string): string {
  if (name === 'rs_current_timestamp') return 'timestamptz';
  return name === 'rs_current_date' ? 'date' : name.replace(/^rs_/, '');
}

function selected(subquery: JsonObject): Json[] {
  const select = objectAt(subquery, 'subquery', 'this', 'select');
  return Array.isArray(select?.['expressions']) ? select['expressions'] : [];
}

/** Derives from simple WHERE conditions which partitions a statement can read. In doubt, all of them. */
import type { ExternalColumn, ExternalPartition } from './external-definition.ts';
import {
  isObject,
  listAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../sql/syntax-tree.ts';

type Comparison = '=' | '<' | '<=' | '>' | '>=';

/** A condition that the partition value of every row that the statement reads satisfies. */
export interface PartitionCondition {
  readonly column: string;
  readonly operator: Comparison | 'in';
  readonly values: readonly string[];
}

/** Whether a partition can contain rows that satisfy the conditions. */
export function mayMatch(
  partition: ExternalPartition,
  columns: readonly ExternalColumn[],
  conditions: readonly PartitionCondition[],
): boolean {
  return conditions.every((condition) => {
    const index = columns.findIndex((column) => column.name === condition.column);
    const column = columns[index];
    const value = partition.values[index];
    if (column === undefined || value === undefined) return true;
    const compared = condition.values.map((wanted) => compare(value, wanted, column));
    if (compared.includes(undefined)) return true;
    return compared.some((order) => order !== undefined && holds(order, condition.operator));
  });
}

function holds(order: number, operator: PartitionCondition['operator']): boolean {
  switch (operator) {
    case '=':
    case 'in':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

const isoDate = /^\d{4}-\d{2}-\d{2}$/;

/** Undefined if the two cannot be compared as text. */
function compare(left: string, right: string, column: ExternalColumn): number | undefined {
  const type = column.type.name;
  if (type === 'smallint' || type === 'integer' || type === 'bigint') {
    const plain = /^\d{1,15}$/;
    return plain.test(left) && plain.test(right) ? Number(left) - Number(right) : undefined;
  }
  if (type !== 'date' && type !== 'varchar') return undefined;
  if (type === 'date' && !(isoDate.test(left) && isoDate.test(right))) return undefined;
  return left < right ? -1 : Number(left > right);
}

/** The conditions of a SELECT or UPDATE on the partition columns of the view. */
export function prunePartitions(
  query: JsonObject,
  view: string,
  columns: readonly ExternalColumn[],
): PartitionCondition[] {
  const from = [
    ...listAt(query, 'from', 'expressions'),
    ...listAt(query, 'from_clause', 'expressions'),
  ];
  const joins = [...listAt(query, 'joins'), ...listAt(query, 'from_joins')];
  const joined = joins.filter(isObject).find((join) => isView(join['this'], view));
  const source = from.find((item) => isView(item, view)) ?? joined?.['this'];
  if (source === undefined) return [];
  const names = new Set(columns.map((column) => column.name));
  const alias = textAt(source, 'table', 'alias', 'name')?.toLowerCase() ?? view;
  const conjuncts = conjunction(objectAt(query, 'where_clause')?.['this']);
  // These kinds of join discard rows of the joined side that do not satisfy ON.
  if (['Inner', 'Left'].includes(textAt(joined, 'kind') ?? '')) {
    conjuncts.push(...conjunction(joined?.['on']));
  }
  return conjuncts.flatMap((conjunct) => conditionsOf(conjunct, alias, names));
}

function isView(item: Json | undefined, view: string): boolean {
  return textAt(item, 'table', 'name', 'name') === view;
}

function conjunction(condition: Json | undefined): Json[] {
  if (!isObject(condition)) return [];
  const and = objectAt(condition, 'and');
  if (and !== undefined) return [...conjunction(and['left']), ...conjunction(and['right'])];
  const paren = objectAt(condition, 'paren');
  return paren === undefined ? [condition] : conjunction(paren['this']);
}

const operators: Readonly<Record<string, Comparison>> = {
  eq: '=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function conditionsOf(
  conjunct: Json,
  alias: string,
  names: ReadonlySet<string>,
): PartitionCondition[] {
  const [kind = '', body] = isObject(conjunct) ? (Object.entries(conjunct)[0] ?? []) : [];
  const operator = operators[kind];
  if (operator !== undefined) {
    const [left, right] = [objectAt(body)?.['left'], objectAt(body)?.['right']];
    return [
      ...condition(left, operator, [right], alias, names),
      ...condition(right, mirrored[operator], [left], alias, names),
    ];
  }
  const column = objectAt(body)?.['this'];
  if (kind === 'between' && objectAt(body)?.['not'] !== true) {
    return [
      ...condition(column, '>=', [objectAt(body)?.['low']], alias, names),
      ...condition(column, '<=', [objectAt(body)?.['high']], alias, names),
    ];
  }
  const list = listAt(body, 'expressions');
  if (kind === 'in' && objectAt(body)?.['not'] !== true && list.length > 0) {
    return condition(column, 'in', list, alias, names);
  }
  return [];
}

function condition(
  expression: Json | undefined,
  operator: PartitionCondition['operator'],
  values: readonly (Json | undefined)[],
  alias: string,
  names: ReadonlySet<string>,
): PartitionCondition[] {
  const column = textAt(expression, 'column', 'name', 'name')?.toLowerCase();
  const table = textAt(expression, 'column', 'table', 'name')?.toLowerCase();
  if (column === undefined || !names.has(column)) return [];
  if (table !== undefined && table !== alias) return [];
  const constants = values.map(constant);
  const known = constants.filter((value) => value !== undefined);
  return known.length === constants.length ? [{ column, operator, values: known }] : [];
}

/** The value of a literal, even with a cast: `'2010-12-01'`, `date '2010-12-01'`, `cast('2010-12-01' as date)`. */
function constant(expression: Json | undefined): string | undefined {
  const literal = textAt(expression, 'literal', 'value');
  // A hidden literal (translate.ts) is a placeholder.
  if (literal !== undefined) return literal.startsWith('rs-literal-') ? undefined : literal;
  const cast = objectAt(expression, 'cast');
  const type = textAt(cast, 'to', 'data_type');
  return cast !== undefined && ['date', 'var_char', 'text'].includes(type ?? '')
    ? constant(cast['this'])
    : undefined;
}

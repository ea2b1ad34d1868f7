/** Rewrites Redshift's CREATE TABLE without distribution, sort keys and encodings. */
import { rewriteColumn, type ColumnDefinition } from './column-definition.ts';
import { isSymbol, isWord, tokenize, type Token } from './sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { closingBracket, splitAtCommas } from './token-groups.ts';

export interface Sequence {
  readonly name: string;
  readonly start: number;
  readonly step: number;
}

export interface CreateTable {
  readonly tokens: readonly Token[];
  /** The sequences of its IDENTITY columns. */
  readonly sequences: readonly Sequence[];
}

/** Whether the statement creates a table, including a temporary one or one from a query, but not an external one. */
export function isCreateTable(tokens: readonly Token[]): boolean {
  if (!isWord(tokens[0], 'create')) return false;
  const table = tokens.findIndex((token) => isWord(token, 'table'));
  return (
    table >= 1 &&
    tokens.slice(1, table).every((token) => isWord(token, 'temp', 'temporary', 'local'))
  );
}

/** Rewrites the statement for the translator. Leaves the query of CREATE TABLE AS to it. */
export function rewriteCreateTable(tokens: readonly Token[]): CreateTable {
  const nameAt = indexOfName(tokens);
  let afterName = nameAt + 1;
  while (isSymbol(tokens[afterName], '.')) afterName += 2;
  const name = tokens
    .slice(nameAt, afterName)
    .map((token) => token.text)
    .join('')
    .toLowerCase();
  const head = tokens.slice(0, afterName);
  // The name of a temporary table may begin with # (r_CREATE_TABLE_NEW).
  if (name.startsWith('#') && isWord(head[1], 'table')) head.splice(1, 0, ...tokenize(' temp'));

  const hasBody = isSymbol(tokens[afterName], '(');
  const bodyEnd = hasBody ? closingBracket(tokens, afterName) : afterName - 1;
  const as = tokens.findIndex((token, index) => index > bodyEnd && isWord(token, 'as'));
  if (as !== -1) {
    return {
      tokens: [...head, ...tokens.slice(afterName, bodyEnd + 1), ...tokens.slice(as)],
      sequences: [],
    };
  }
  if (!hasBody) return { tokens, sequences: [] };
  const body = rewriteBody(tokens.slice(afterName + 1, bodyEnd), name);
  return {
    tokens: [...head, ...tokenize('('), ...body.tokens, ...tokenize(')')],
    sequences: body.sequences,
  };
}

function indexOfName(tokens: readonly Token[]): number {
  const table = tokens.findIndex((token) => isWord(token, 'table'));
  return isWord(tokens[table + 1], 'if') ? table + 4 : table + 1;
}

function rewriteBody(tokens: readonly Token[], table: string): CreateTable {
  const items: (readonly Token[])[] = [];
  const sequences: Sequence[] = [];
  const notNull = new Set<string>();
  for (const item of splitAtCommas(tokens)) {
    const constraint = isWord(item[0], 'constraint') ? item.slice(2) : item;
    if (isWord(constraint[0], 'primary') && isWord(constraint[1], 'key')) {
      for (const token of constraint.slice(3, -1)) notNull.add(token.text.toLowerCase());
    } else if (isWord(constraint[0], 'check')) {
      throw new WarehouseError('CHECK constraints are not supported');
    } else if (isWord(constraint[0], 'like')) items.push(item);
    else if (!isWord(constraint[0], 'unique', 'foreign')) {
      const column = rewriteColumn(item, (name) => sequenceName(table, name), table);
      items.push(column.tokens);
      sequences.push(...identity(column, sequenceName(table, item[0]?.text.toLowerCase() ?? '')));
    }
  }
  return { tokens: joinWithCommas(items.map((item) => withNotNull(item, notNull))), sequences };
}

function withNotNull(item: readonly Token[], names: ReadonlySet<string>): readonly Token[] {
  const declared = item.some(
    (token, index) => isWord(token, 'not') && isWord(item[index + 1], 'null'),
  );
  if (declared || !names.has(item[0]?.text.toLowerCase() ?? '')) return item;
  return [...item, ...tokenize(' not null')];
}

function identity(column: ColumnDefinition, name: string): Sequence[] {
  return column.identity === undefined ? [] : [{ name, ...column.identity }];
}

function sequenceName(table: string, column: string): string {
  return `warehouse.${`identity_${table}_${column}`.replace(/\W/g, '_')}`;
}

function joinWithCommas(items: readonly (readonly Token[])[]): Token[] {
  return items.flatMap((item, index) => (index === 0 ? item : [...tokenize(', '), ...item]));
}

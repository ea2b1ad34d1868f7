/** Rewrites Redshift's ALTER TABLE. DuckDB cannot change the checks that hold the length of a text (table-rebuild.ts). */
import { rewriteColumn } from './column-definition.ts';
import { isSymbol, isWord, quoteName, tokenize, type Token } from './sql-tokens.ts';
import { TokenCursor } from './token-cursor.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import type { ColumnChange } from '../warehouse/table-rebuild.ts';

export interface AlterTable {
  /** The statement for DuckDB, if it can run it. */
  readonly tokens?: readonly Token[];
  /** Follows it in the same transaction. */
  readonly change?: ColumnChange;
  /** Whether Redshift refuses it within a transaction. */
  readonly outsideTransactions?: true;
  /** The statement that sets the default of a new column, before `change`. */
  readonly standard?: readonly Token[];
}

/** Attributes of storage, and constraints that Redshift does not enforce. */
const withoutEffect: readonly (readonly string[])[] = [
  ['owner', 'to'],
  ['alter', 'diststyle'],
  ['alter', 'distkey'],
  ['alter', 'sortkey'],
  ['alter', 'compound', 'sortkey'],
  ['alter', 'encode'],
  ['add', 'constraint'],
  ['add', 'primary'],
  ['add', 'foreign'],
  ['add', 'unique'],
  ['drop', 'constraint'],
  ['row', 'level', 'security'],
];

/** Undefined for any other statement. @throws WarehouseError for what Redshift does not take (r_ALTER_TABLE). */
export function rewriteAlterTable(tokens: readonly Token[]): AlterTable | undefined {
  if (!isWord(tokens[0], 'alter') || !isWord(tokens[1], 'table')) return undefined;
  const cursor = new TokenCursor(tokens.slice(2));
  const names = [cursor.name()];
  while (cursor.acceptSymbol('.')) names.push(cursor.name());
  const table = { schema: names.at(-2), name: names.at(-1) ?? '' };
  const after = (): Token[] => {
    const rest: Token[] = [];
    for (let token = cursor.peek(); token !== undefined; token = cursor.peek(rest.length))
      rest.push(token);
    return rest;
  };
  if (
    after().some((token, index, all) => isWord(token, 'check') && isSymbol(all[index + 1], '('))
  ) {
    throw new WarehouseError('CHECK constraints are not supported');
  }
  if (
    withoutEffect.some((words) => words.every((word, index) => isWord(cursor.peek(index), word)))
  ) {
    return {};
  }
  if (cursor.accept('add')) {
    const named = cursor.accept('column');
    return addColumn(tokens.slice(0, -after().length - (named ? 2 : 1)), after(), table);
  }
  if (cursor.accept('alter')) {
    cursor.accept('column');
    return alterColumn(cursor, table);
  }
  if (cursor.accept('drop')) {
    cursor.accept('column');
    const column = cursor.peek();
    if (isWord(column, 'if')) cursor.fail();
    const dropped = cursor.name();
    if (!cursor.accept('cascade')) cursor.accept('restrict');
    cursor.end();
    return { change: { table, dropped } };
  }
  if (!cursor.accept('rename')) cursor.fail();
  return { tokens };
}

function addColumn(
  head: readonly Token[],
  definition: readonly Token[],
  table: ColumnChange['table'],
): AlterTable {
  const [name] = definition;
  // One column at a time, and no IF NOT EXISTS.
  const wrong = definition.find(
    (token, index) =>
      (token === name && isWord(token, 'if')) ||
      (isSymbol(token, ',') && isWord(definition[index + 1], 'add')),
  );
  if (wrong !== undefined || name === undefined) {
    throw new WarehouseError(`syntax error at or near "${wrong?.text ?? 'add'}"`);
  }
  const column = rewriteColumn(
    definition,
    () => {
      throw new WarehouseError('IDENTITY columns cannot be added');
    },
    table.name,
  );
  const check = column.tokens.findIndex((token) => isWord(token, 'check'));
  const kept = check === -1 ? column.tokens : column.tokens.slice(0, check);
  const required = kept.findIndex(
    (token, index) => isWord(token, 'not') && isWord(kept[index + 1], 'null'),
  );
  const nullable =
    required === -1 ? kept : [...kept.slice(0, required), ...kept.slice(required + 2)];
  const standardAt = nullable.findIndex((token) => isWord(token, 'default'));
  if (required !== -1 && standardAt === -1) {
    throw new WarehouseError(
      'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
    );
  }
  const length = column.tokens.findLast((token) => token.kind === 'number')?.text;
  const added = name.text.toLowerCase();
  return {
    // Within a transaction, DuckDB adds no column with an expression as its default, nor with a constraint.
    tokens: [
      ...head,
      ...tokenize(' add column '),
      ...nullable.slice(0, standardAt === -1 ? undefined : standardAt),
    ],
    ...(standardAt !== -1 && {
      standard: [
        ...head,
        ...tokenize(` alter column ${quoteName(added)} set default (`),
        ...nullable.slice(standardAt + 1),
        ...tokenize(')'),
      ],
    }),
    ...((check !== -1 || standardAt !== -1) && {
      change: {
        table,
        ...(check !== -1 && { resized: { column: added, length: Number(length) } }),
        ...(standardAt !== -1 && { filled: { column: added, required: required !== -1 } }),
      },
    }),
  };
}

/** Only the size of a VARCHAR can change. */
function alterColumn(cursor: TokenCursor, table: ColumnChange['table']): AlterTable {
  const column = cursor.name();
  if (cursor.accept('encode')) return {};
  cursor.expect('type');
  const varchar =
    cursor.accept('varchar') ||
    cursor.accept('nvarchar') ||
    cursor.accept('text') ||
    cursor.accept('character', 'varying');
  if (!varchar) {
    throw new WarehouseError(
      `cannot alter column "${column}" of relation "${table.name}", only the size of a VARCHAR can change`,
    );
  }
  let length = 256;
  if (cursor.acceptSymbol('(')) {
    length = cursor.accept('max') ? 65_535 : cursor.integer();
    cursor.expectSymbol(')');
  }
  cursor.end();
  return { change: { table, resized: { column, length } }, outsideTransactions: true };
}

/** Rewrites Redshift's ALTER TABLE … ADD COLUMN. DuckDB keeps the length of a text as a comment on the column. */
import { rewriteColumn } from './column-definition.ts';
import { isSymbol, isWord, quoteLiteral, quoteName, tokenize, type Token } from './sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface AddColumn {
  readonly tokens: readonly Token[];
  /** Statements that follow it in the same transaction. */
  readonly after: readonly string[];
}

/** Undefined for any other statement. @throws WarehouseError for what Redshift does not take. */
export function rewriteAddColumn(tokens: readonly Token[]): AddColumn | undefined {
  const add = tokens.findIndex((token) => isWord(token, 'add'));
  if (!isWord(tokens[0], 'alter') || !isWord(tokens[1], 'table') || add === -1) return undefined;
  const nameAt = isWord(tokens[add + 1], 'column') ? add + 2 : add + 1;
  const name = tokens[nameAt];
  if (name === undefined || isWord(name, 'constraint', 'primary', 'foreign', 'unique')) {
    return undefined;
  }
  // One column at a time, and no IF NOT EXISTS (r_ALTER_TABLE).
  const wrong = tokens.find(
    (token, index) =>
      (token === name && isWord(token, 'if')) ||
      (isSymbol(token, ',') && isWord(tokens[index + 1], 'add')),
  );
  if (wrong !== undefined) throw new WarehouseError(`syntax error at or near "${wrong.text}"`);
  const column = rewriteColumn(tokens.slice(nameAt), () => {
    throw new WarehouseError('IDENTITY columns cannot be added');
  });
  const check = column.tokens.findIndex((token) => isWord(token, 'check'));
  const kept = check === -1 ? column.tokens : column.tokens.slice(0, check);
  const length = column.tokens.findLast((token) => token.kind === 'number')?.text;
  const table = tokens
    .slice(2, add)
    .map(({ text }) => text)
    .join('')
    .toLowerCase()
    .trim();
  return {
    tokens: [...tokens.slice(0, add), ...tokenize(' add column '), ...kept],
    after:
      check === -1 || length === undefined
        ? []
        : [
            `comment on column ${table}.${quoteName(name.text.toLowerCase())} is ${quoteLiteral(`<= ${length}`)}`,
          ],
  };
}

/** Statements on tables that DuckDB writes in another way: SELECT INTO, and DROP of several objects. */
import { isSymbol, isWord, quoteName, tokenize, type Token } from './sql-tokens.ts';
import { TokenCursor } from './token-cursor.ts';
import { closingBracket } from './token-groups.ts';

/** `select … into t from …` as `create table t as select … from …` (r_SELECT_INTO); undefined for others. */
export function selectIntoAsCreate(tokens: readonly Token[]): readonly Token[] | undefined {
  if (!isWord(tokens[0], 'select', 'with')) return undefined;
  const into = outermost(tokens, 'into');
  if (into === -1) return undefined;
  let at = into + 1;
  const temporary = isWord(tokens[at], 'temp', 'temporary');
  if (temporary) at += 1;
  if (isWord(tokens[at], 'table')) at += 1;
  let end = at + 1;
  while (isSymbol(tokens[end], '.')) end += 2;
  return [
    ...tokenize(`create ${temporary ? 'temp ' : ''}table `),
    ...tokens.slice(at, end),
    ...tokenize(' as '),
    ...tokens.slice(0, into).map((token, index) => (index === 0 ? { ...token, gap: true } : token)),
    ...tokens.slice(end),
  ];
}

function outermost(tokens: readonly Token[], word: string): number {
  for (let index = 0; index < tokens.length; index += 1) {
    if (isSymbol(tokens[index], '(')) index = closingBracket(tokens, index);
    else if (isWord(tokens[index], word)) return index;
  }
  return -1;
}

/** The statements of DuckDB for DROP TABLE or DROP VIEW of any number of objects; undefined for any other statement. */
export function dropStatements(tokens: readonly Token[]): readonly string[] | undefined {
  if (!isWord(tokens[0], 'drop') || !isWord(tokens[1], 'table', 'view')) return undefined;
  const cursor = new TokenCursor(tokens.slice(2));
  const start = `drop ${tokens[1]?.text ?? ''} ${cursor.accept('if', 'exists') ? 'if exists ' : ''}`;
  const statements: string[] = [];
  do {
    const names = [cursor.name()];
    while (cursor.acceptSymbol('.')) names.push(cursor.name());
    statements.push(start + names.map(quoteName).join('.'));
  } while (cursor.acceptSymbol(','));
  if (!cursor.accept('cascade')) cursor.accept('restrict');
  cursor.end();
  return statements;
}

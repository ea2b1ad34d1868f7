/** Changes statements that read PostgreSQL's catalog, as clients send them, so that they find the views of catalog-views.ts. */
import { closingBracket, splitAtCommas } from './token-groups.ts';
import { isSymbol, isWord, type Token } from './sql-tokens.ts';
import { isSystemName } from '../warehouse/system-names.ts';

/** Types of PostgreSQL's catalog that only name things. */
const nameTypes = ['regclass', 'regtype', 'regproc', 'regnamespace', 'name'];

/** Returns other statements unchanged. */
export function useCatalogViews(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some(isSystemName)) return tokens;
  const changed: Token[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const [second, third, fourth] = tokens.slice(at + 1, at + 4);
    // The views are found by their bare names, before DuckDB's.
    if (isNamed(token, 'pg_catalog') && isSymbol(second, '.')) {
      if (third !== undefined) changed.push({ ...nameType(third, changed.at(-1)), gap: token.gap });
      at += 2;
    } else if (
      isNamed(token, 'information_schema') &&
      isSymbol(second, '.') &&
      isNamed(third, 'tables', 'columns')
    ) {
      changed.push({
        kind: 'word',
        text: `svv_${third?.text.toLowerCase() ?? ''}`,
        gap: token.gap,
      });
      at += 2;
    } else if (isWord(token, 'operator') && isSymbol(second, '(')) {
      // OPERATOR(pg_catalog.~)
      const symbol = isSymbol(fourth, '.') ? tokens[at + 4] : third;
      if (symbol !== undefined) changed.push({ ...symbol, gap: true });
      at += isSymbol(fourth, '.') ? 5 : 3;
    } else if (isWord(token, 'collate')) {
      at += isSymbol(second, '.') || isSymbol(third, '.') ? 3 : 1;
    } else if (isWord(token, 'pg_get_late_binding_view_cols') && isSymbol(second, '(')) {
      const end = closingBracket(tokens, at + 4);
      // A function with the columns of its result; here, it is a view with these columns.
      const names = splitAtCommas(tokens.slice(at + 5, end)).flatMap(([name]) => name ?? []);
      const list = names.flatMap((name) => [
        { kind: 'symbol', text: ',', gap: false } as const,
        name,
      ]);
      changed.push(token, ...tokens.slice(at + 3, at + 5), ...list.slice(1));
      at = end - 1;
    } else if (isWord(token, 'e') && second?.kind === 'string' && !second.gap) {
      // E'…': the escapes have been read.
    } else {
      changed.push(nameType(token, changed.at(-1)));
    }
  }
  return changed;
}

function isNamed(token: Token | undefined, ...names: readonly string[]): boolean {
  return (
    (token?.kind === 'word' || token?.kind === 'quoted') && names.includes(token.text.toLowerCase())
  );
}

function nameType(token: Token, before: Token | undefined): Token {
  return isSymbol(before, '::') && isWord(token, ...nameTypes)
    ? { ...token, text: 'varchar' }
    : token;
}

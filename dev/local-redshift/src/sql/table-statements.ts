/** Statements on tables that DuckDB writes in another way: SELECT INTO, and DROP of several objects. */
import { isSymbol, isWord, tokenize, type Token } from './sql-tokens.ts';
import { closingBracket, splitAtCommas } from './token-groups.ts';

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

/** One DROP for each of several tables or views; undefined for any other statement. */
export function splitDrop(tokens: readonly Token[]): readonly (readonly Token[])[] | undefined {
  if (!isWord(tokens[0], 'drop') || !isWord(tokens[1], 'table', 'view')) return undefined;
  const start = isWord(tokens[2], 'if') ? 4 : 2;
  const last = isWord(tokens.at(-1), 'cascade', 'restrict') ? tokens.slice(-1) : [];
  const names = splitAtCommas(tokens.slice(start, tokens.length - last.length));
  if (names.length < 2) return undefined;
  return names.map((name) => [
    ...tokens.slice(0, start),
    ...name.map((token, index) => (index === 0 ? { ...token, gap: true } : token)),
    ...last,
  ]);
}

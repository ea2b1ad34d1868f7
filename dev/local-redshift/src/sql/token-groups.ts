/** Finds matching brackets in a list of tokens, and splits it at separators outside of brackets. */
import { isSymbol, type Token } from './sql-tokens.ts';

/** The index of the bracket that closes the one at `open`, or the number of tokens. */
export function closingBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (isSymbol(tokens[index], '(')) depth += 1;
    if (isSymbol(tokens[index], ')')) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

/** The groups of tokens between commas outside of brackets. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  return splitAt(tokens, ',');
}

/** The statements of a text without empty ones. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  return splitAt(tokens, ';').filter((statement) => statement.length > 0);
}

function splitAt(tokens: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth === 0 && isSymbol(token, separator)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

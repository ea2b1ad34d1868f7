/** Which statements reach the translator: it would pass on those of DuckDB, which read and write files. */
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { closingBracket } from '../sql/token-groups.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** The objects that CREATE, ALTER and DROP know, as the words before their names. */
const objects: Readonly<Record<string, readonly string[]>> = {
  create: ['schema', 'table', 'view', 'materialized view', 'or replace view'],
  alter: ['schema', 'table', 'view'],
  drop: ['schema', 'table', 'view', 'materialized view'],
};

/** Commands that Redshift has. */
const unsupported =
  'copy unload call declare fetch close cancel refresh prepare execute deallocate use'.split(' ');

/** @throws WarehouseError for any other statement than queries, changes of rows, and definitions. */
export function refuseOtherStatements(tokens: readonly Token[]): void {
  const [first] = tokens;
  const word = first?.kind === 'word' ? first.text.toLowerCase() : '';
  const known = objects[word];
  if (unsupported.includes(word)) refuse(word);
  else if (known !== undefined) refuseOtherObjects(word, known, tokens);
  else refuseOtherVerb(word === 'with' ? tokens.slice(endOfTables(tokens)) : tokens);
}

function refuseOtherVerb(tokens: readonly Token[]): void {
  if (!isWord(tokens[0], 'insert', 'update', 'delete', 'merge')) {
    refuseOtherQuery(tokens);
  } else if (isWord(tokens[0], 'insert')) {
    const source = tokens.slice(endOfTarget(tokens));
    if (!isWord(source[0], 'values', 'default')) refuseOtherQuery(source);
  }
}

function refuseOtherQuery(tokens: readonly Token[]): void {
  const first = tokens.find((token) => !isSymbol(token, '('));
  if (isWord(first, 'select', 'with')) return;
  throw new WarehouseError(
    first === undefined
      ? 'syntax error at end of input'
      : `syntax error at or near "${first.text}"`,
  );
}

function refuseOtherObjects(
  command: string,
  known: readonly string[],
  tokens: readonly Token[],
): void {
  const words = tokens
    .slice(1, 5)
    .map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : ''))
    .filter((word, at) => at > 1 || !['temp', 'temporary', 'local'].includes(word));
  if (known.some((object) => object.split(' ').every((word, at) => words[at] === word))) return;
  refuse(`${command} ${words[0] ?? ''}`);
}

function refuse(command: string): never {
  throw new WarehouseError(`${command.toUpperCase()} is not supported by this local warehouse`);
}

/** The index after the common table expressions of WITH. */
function endOfTables(tokens: readonly Token[]): number {
  let at = isWord(tokens[1], 'recursive') ? 2 : 1;
  for (;;) {
    at += 1;
    if (isSymbol(tokens[at], '(')) at = closingBracket(tokens, at) + 1;
    if (!isWord(tokens[at], 'as')) return at;
    at = closingBracket(tokens, at + 1) + 1;
    if (!isSymbol(tokens[at], ',')) return at;
    at += 1;
  }
}

/** The index after `insert into t (columns)`. */
function endOfTarget(tokens: readonly Token[]): number {
  let at = isWord(tokens[1], 'into') ? 3 : 2;
  while (isSymbol(tokens[at], '.')) at += 2;
  const bracketed = isSymbol(tokens[at], '(') && !isQueryStart(tokens, at);
  return bracketed ? closingBracket(tokens, at) + 1 : at;
}

function isQueryStart(tokens: readonly Token[], open: number): boolean {
  let at = open;
  while (isSymbol(tokens[at], '(')) at += 1;
  return isWord(tokens[at], 'select', 'with');
}

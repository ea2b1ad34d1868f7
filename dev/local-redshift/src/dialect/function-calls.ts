/** Finds the function calls of a statement, to refuse those that Redshift does not have. */
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { closingBracket } from '../sql/token-groups.ts';
import { isSystemName } from '../warehouse/system-names.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { knownFunctions, leaderNodeFunctions } from './known-functions.ts';

/** Words before a bracket that are no function. */
const keywords = new Set(
  (
    'select distinct all as from join on using where and or not in exists any some having group by order limit offset ' +
    'qualify union intersect except minus values insert into update set over partition within when then else case end ' +
    'between like ilike to similar escape is null unique key references check primary foreign constraint default with ' +
    'rollup cube sets pivot unpivot for exclude interval table view temp temporary recursive identity distkey sortkey ' +
    'compound interleaved left right inner full outer cross natural end return returns delete merge matched top if ' +
    'numeric decimal char character varying varchar nchar nvarchar bpchar float time timestamp timestamptz timetz ' +
    'binary varbyte varbinary bit precision partition prior connect start operator'
  ).split(' '),
);

/** Words after which a name with a bracket is a table with its columns, not a function. */
const beforeTables = ['into', 'table', 'view', 'exists', 'references', 'as', 'update', 'procedure'];

/**
 * Refuses functions that do not exist, and those of the leader node in a query over tables of users.
 * @throws WarehouseError with Redshift's message.
 */
export function refuseFunctions(tokens: readonly Token[]): void {
  const calls = calledFunctions(tokens);
  for (const { schema, name } of calls) {
    const known =
      schema === undefined || schema === 'pg_catalog' || schema === 'information_schema';
    if (!known || !knownFunctions.has(name)) {
      throw new WarehouseError(`function ${name}() does not exist`);
    }
  }
  if (!calls.some(({ name }) => leaderNodeFunctions.has(name))) return;
  if (!readsTables(tokens)) return;
  throw new WarehouseError(
    'Specified types or functions (one per INFO message) not supported on Redshift tables.',
  );
}

interface Call {
  readonly schema: string | undefined;
  readonly name: string;
}

function calledFunctions(tokens: readonly Token[]): Call[] {
  const calls: Call[] = [];
  for (const [index, token] of tokens.entries()) {
    if (!isSymbol(tokens[index + 1], '(')) continue;
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const name = token.text.toLowerCase();
    if (token.kind === 'word' && keywords.has(name) && !isFunction(name, tokens, index)) continue;
    const qualified = isSymbol(tokens[index - 1], '.');
    const before = tokens[qualified ? index - 3 : index - 1];
    if (isNamed(before) || definesColumns(tokens, index)) continue;
    calls.push({
      schema: qualified ? tokens[index - 2]?.text.toLowerCase() : undefined,
      name,
    });
  }
  return calls;
}

/** Whether what precedes the name makes it a table, an alias or a column. */
function isNamed(before: Token | undefined): boolean {
  if (before === undefined) return false;
  if (before.kind === 'quoted' || isSymbol(before, ')') || isSymbol(before, '.')) return true;
  if (isWord(before, ...beforeTables)) return true;
  return before.kind === 'word' && !keywords.has(before.text.toLowerCase());
}

/** A common table expression with its columns: `r(n) as (`. */
function definesColumns(tokens: readonly Token[], index: number): boolean {
  const close = closingBracket(tokens, index + 1);
  return isWord(tokens[close + 1], 'as') && isSymbol(tokens[close + 2], '(');
}

/** `left` and `right` are functions, unless they begin a join. */
function isFunction(name: string, tokens: readonly Token[], index: number): boolean {
  return ['left', 'right'].includes(name) && !isWord(tokens[index + 1], 'join', 'outer');
}

/** Whether the statement reads a table of a user; a system table of the leader node is none. */
export function readsTables(tokens: readonly Token[]): boolean {
  const defined = new Set(
    tokens.flatMap((token, index) =>
      isWord(tokens[index + 1], 'as') && isSymbol(tokens[index + 2], '(')
        ? [token.text.toLowerCase()]
        : [],
    ),
  );
  return tokens.some((token, index) => {
    const next = tokens[index + 1];
    if (!isWord(token, 'from', 'join') || next === undefined) return false;
    if (isInsideCall(tokens, index) || (next.kind !== 'word' && next.kind !== 'quoted'))
      return false;
    const name = next.text.toLowerCase();
    if (isSymbol(tokens[index + 2], '(') || defined.has(name)) return false;
    return !isSystemName(next);
  });
}

/** `extract(year from d)` and `substring(a from 2)` read no table. */
function isInsideCall(tokens: readonly Token[], index: number): boolean {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    if (isSymbol(tokens[at], ')')) depth += 1;
    if (!isSymbol(tokens[at], '(')) continue;
    if (depth > 0) depth -= 1;
    else return isWord(tokens[at - 1], 'extract', 'substring', 'trim', 'position');
  }
  return false;
}

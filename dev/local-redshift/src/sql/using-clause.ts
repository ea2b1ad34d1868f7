/** Handles the schema in `DELETE … USING schema.table` and MERGE, which the translator cannot parse. */
import type { FindExternalTable } from '../external/external-references.ts';
import { isSymbol, isWord, type Token } from './sql-tokens.ts';
import { identifier, isObject, listAt, objectAt, textAt, type Json } from './syntax-tree.ts';

/** Joins schema and table to one name for the translator. */
const separator = '\u0001';

/** Joins each `schema.table` after USING to one quoted name. Returns other statements unchanged. */
export function joinUsingNames(tokens: readonly Token[]): readonly Token[] {
  const using = tokens.findIndex((token) => isWord(token, 'using'));
  if (!isWord(tokens[0], 'delete', 'merge') || using === -1) return tokens;
  const where = tokens.findIndex((token) => isWord(token, 'where', 'on'));
  const end = where === -1 ? tokens.length : where;
  const joined: Token[] = tokens.slice(0, using + 1);
  for (let index = using + 1; index < end; index += 1) {
    const [first, dot, second] = tokens.slice(index, index + 3);
    if (first === undefined) continue;
    if (second !== undefined && isSymbol(dot, '.')) {
      joined.push({ kind: 'quoted', text: `${first.text}${separator}${second.text}`, gap: true });
      index += 2;
    } else joined.push(first);
  }
  return [...joined, ...tokens.slice(end)];
}

/** Splits the joined names of external tables, which views replace. */
export function splitUsingNames(statement: Json, find: FindExternalTable): Json {
  if (!isObject(statement)) return statement;
  const { delete: deletion, merge } = statement;
  if (isObject(deletion)) {
    const using = listAt(deletion, 'using').map((table) => splitName(table, find));
    return { delete: { ...deletion, using } };
  }
  if (!isObject(merge)) return statement;
  const alias = objectAt(merge, 'using', 'alias');
  const source = objectAt(alias?.['this'] ?? merge['using'], 'table');
  if (source === undefined) return statement;
  const table = { ...source, alias: alias?.['alias'] ?? source['alias'] ?? null };
  return { merge: { ...merge, using: { table: splitName(table, find) } } };
}

function splitName(table: Json, find: FindExternalTable): Json {
  const [schema, name] = (textAt(table, 'name', 'name') ?? '').split(separator);
  if (!isObject(table) || schema === undefined || name === undefined) return table;
  if (find(schema.toLowerCase(), name.toLowerCase()) === undefined) return table;
  return { ...table, schema: identifier(schema), name: identifier(name) };
}

/** Splits the remaining joined names in the translated SQL. */
export function restoreUsingNames(sql: string): string {
  return sql.replaceAll(new RegExp(`"([^"]*)${separator}([^"]*)"`, 'g'), '"$1"."$2"');
}

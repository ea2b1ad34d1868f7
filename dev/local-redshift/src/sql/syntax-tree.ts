/** The SQL translator's syntax tree as plain data: an expression is an object whose only key is its kind. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at this path, if any. */
export function objectAt(
  value: Json | undefined,
  ...keys: readonly string[]
): JsonObject | undefined {
  let current: Json | undefined = value;
  for (const key of keys) current = isObject(current) ? current[key] : undefined;
  return isObject(current) ? current : undefined;
}

/** The list at this path, or an empty one. */
export function listAt(value: Json | undefined, ...keys: readonly string[]): Json[] {
  const owner = objectAt(value, ...keys.slice(0, -1));
  const list = owner?.[keys.at(-1) ?? ''];
  return Array.isArray(list) ? list : [];
}

/** The text at this path, if any. */
export function textAt(value: Json | undefined, ...keys: readonly string[]): string | undefined {
  const owner = objectAt(value, ...keys.slice(0, -1));
  const text = owner?.[keys.at(-1) ?? ''];
  return typeof text === 'string' ? text : undefined;
}

/** A copy in which `change` may replace each object, innermost first. `path` contains the keys above the value. */
export function mapTree(
  value: Json,
  change: (object: JsonObject, path: readonly string[]) => Json,
  path: readonly string[] = [],
): Json {
  if (Array.isArray(value)) return value.map((item) => mapTree(item, change, path));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    copy[key] = mapTree(child, change, [...path, key]);
  }
  return change(copy, path);
}

/** Calls `visit` for every object, outermost first. */
export function walkTree(
  value: Json,
  visit: (object: JsonObject, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  if (Array.isArray(value)) for (const item of value) walkTree(item, visit, path);
  else if (isObject(value)) {
    visit(value, path);
    for (const [key, child] of Object.entries(value)) walkTree(child, visit, [...path, key]);
  }
}

/** A call `name(args…)`. */
export function call(name: string, ...args: Json[]): JsonObject {
  return {
    function: {
      name,
      args,
      distinct: false,
      trailing_comments: [],
      use_bracket_syntax: false,
      no_parens: false,
      quoted: false,
    },
  };
}

export function numberLiteral(value: number): JsonObject {
  return { literal: { literal_type: 'number', value: String(value) } };
}

export function stringLiteral(value: string): JsonObject {
  return { literal: { literal_type: 'string', value } };
}

/** The node of an unquoted name. */
export function identifier(name: string): JsonObject {
  return { name, quoted: false, trailing_comments: [] };
}

/** JSON patches (RFC 6902), but without the operation `test`. */
import { z } from 'zod';
import { type Value, type Values, values } from './manifest-files.ts';

const pointer = z.string().startsWith('/');
export const jsonPatch = z.array(
  z.discriminatedUnion('op', [
    z.strictObject({ op: z.enum(['add', 'replace']), path: pointer, value: z.json() }),
    z.strictObject({ op: z.enum(['copy', 'move']), from: pointer, path: pointer }),
    z.strictObject({ op: z.literal('remove'), path: pointer }),
  ]),
);
type JsonPatch = z.infer<typeof jsonPatch>;

export function applyPatch(resource: Values, patch: JsonPatch): void {
  for (const operation of patch) apply(resource, operation);
}

function apply(resource: Values, operation: JsonPatch[number]): void {
  const { op, path } = operation;
  if (op === 'remove' || op === 'replace') remove(resource, path);
  if (op === 'add' || op === 'replace') add(resource, path, operation.value);
  if (op === 'copy') add(resource, path, valueAt(resource, operation.from));
  if (op === 'move') add(resource, path, remove(resource, operation.from));
}

function add(resource: Values, path: string, value: Value): void {
  const [parent, key] = locate(resource, path);
  if (!Array.isArray(parent)) {
    parent[key] = structuredClone(value);
    return;
  }
  const index = key === '-' ? parent.length : Number(key);
  if (!(index >= 0 && index <= parent.length)) throw new Error(`${path}: no place in the list`);
  parent.splice(index, 0, structuredClone(value));
}

function remove(resource: Values, path: string): Value {
  const value = valueAt(resource, path);
  const [parent, key] = locate(resource, path);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
  return value;
}

function valueAt(resource: Values, path: string): Value {
  const [parent, key] = locate(resource, path);
  const value = parent[key];
  if (value === undefined) throw new Error(`${path}: nothing there`);
  return value;
}

/** The parent of what a JSON pointer (RFC 6901) refers to, and the key in it. */
function locate(resource: Values, path: string): [parent: Values, key: string] {
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  return [keys.reduce<Values>((at, key) => values(at[key]), resource), last];
}

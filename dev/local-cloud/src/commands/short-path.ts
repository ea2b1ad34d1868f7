/** Paths in messages. */
import { relative } from 'node:path';

/** From the working directory, for a path inside of it. */
export function shortPath(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside === '' || inside.startsWith('..') ? path : inside;
}

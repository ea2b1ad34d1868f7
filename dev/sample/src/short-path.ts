import { relative } from 'node:path';

/** The path for messages: relative to `cwd` if that is shorter. */
export function shortPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near !== '' && near.length < path.length ? near : path;
}

/** A file that says that a command runs, for those who would stop what it needs: `make down` reads it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBundle } from '@user-behaviour/shared/asset';

const workspace = join(import.meta.dirname, '../../../..');

/**
 * The file is named after the process, holds the command, and goes with the mark. A bundle leaves none: it has no
 * checkout, and so no local cloud.
 */
export function markRunning(
  command: string,
  folder = join(workspace, '.local/running'),
): Disposable {
  if (isBundle()) return { [Symbol.dispose]: () => undefined };
  const file = join(folder, String(process.pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, command);
  return {
    [Symbol.dispose]: () => {
      rmSync(file, { force: true });
    },
  };
}

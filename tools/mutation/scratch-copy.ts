/** A copy of the repository to change: its files, with the installed packages linked. */
import { existsSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths, root } from '../workspace-files.ts';

export interface ScratchCopy extends AsyncDisposable {
  readonly folder: string;
}

/** The workspace's own packages must be those of the copy, all others are the installed ones. */
const own = '@user-behaviour';

export async function scratchCopy(): Promise<ScratchCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'scratch-'));
  for (const path of paths(
    '{*,.prettierrc.json,.prettierignore,{packages,dev,spark,sql,tools,infra,docs}/**/*}',
  )) {
    if (!statSync(join(root, path)).isFile()) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, own), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name === own || name.startsWith('.')) continue;
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await symlink(join(root, 'node_modules/.bin'), join(modules, '.bin'));
  for (const name of await readdir(join(root, 'node_modules', own))) {
    const home = ['packages', 'dev', 'infra', 'tools'].find((home) =>
      existsSync(join(folder, home, name)),
    );
    if (home !== undefined) await symlink(join(folder, home, name), join(modules, own, name));
  }
  await mkdir(join(folder, '.local'));
  await symlink(join(root, '.local/python'), join(folder, '.local/python'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

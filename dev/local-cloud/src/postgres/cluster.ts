/** Creates a PostgreSQL data directory with one database, atomically. */
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { OtherRelease } from '../supervisor/other-release.ts';
import type { PostgresBinaries } from './binaries.ts';
import { complete } from './single-user.ts';
import { findLauncher, unprivilegedOwner } from './unprivileged.ts';

const run = promisify(execFile);

export interface Cluster {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Does nothing if the directory already contains a cluster.
 * @throws OtherRelease if that is one of another major release of PostgreSQL.
 */
export async function makeCluster(
  binaries: PostgresBinaries,
  dataDir: string,
  { user, password, database }: Cluster,
): Promise<void> {
  const made = await majorOf(dataDir);
  if (made !== undefined) {
    const { stdout } = await run(binaries.postgres, ['--version']);
    const major = /(\d+)/.exec(stdout)?.[0];
    if (made !== major) throw new OtherRelease(`${dataDir} is of PostgreSQL ${made}, not ${major}`);
    return;
  }
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const owner = await unprivilegedOwner(draft);
  if (owner !== undefined) await chown(draft, owner.uid, owner.gid);
  await using initdb = await callableInitdb(binaries.initdb);
  const launcher = await findLauncher(owner, initdb.path, draft);
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
  try {
    const flags = ['--encoding=UTF8', '--locale=C', '--no-instructions', '--no-sync'];
    const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--auth=scram-sha-256', `--username=${user}`, `--pwfile=${passwordFile}`];
    await complete(launcher.command(initdb.path, ['-D', draft, ...flags, ...locale, ...access]));
    // Single-user mode: no server without the database is ever visible, and no password crosses the network.
    const single = ['--single', '-D', draft, 'postgres'];
    await complete(launcher.command(binaries.postgres, single), `create database ${database};\n`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, dataDir);
}

/**
 * initdb calls postgres through a shell, with its own path in double quotes. Where such a path would mean something
 * to the shell, a copy of the programs with a plain path is used, and removed at the end.
 */
async function callableInitdb(path: string): Promise<AsyncDisposable & { readonly path: string }> {
  if (!/["$`\\]/.test(path)) return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
  const copy = await mkdtemp('/tmp/initdb-');
  await chmod(copy, 0o755);
  const installed = dirname(dirname(path));
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  return {
    path: join(copy, relative(installed, path)),
    [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }),
  };
}

/** The major release of a cluster; undefined if there is none. */
function majorOf(dataDir: string): Promise<string | undefined> {
  return readFile(join(dataDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

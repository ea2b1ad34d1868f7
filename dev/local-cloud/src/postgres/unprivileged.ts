/** Runs PostgreSQL, which refuses to run as root, as an unprivileged user. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface Launcher {
  /** The required owner of the data; undefined for the current user. */
  readonly owner: Ids | undefined;
  readonly command: (file: string, args: readonly string[]) => Command;
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Sends the server a fast shutdown when its supervisor is killed (Linux, util-linux). */
const endWithParent = ['--pdeathsig', 'INT'];

/**
 * Gets past folders that only root may enter, such as root's home or the output of `mktemp -d`. PostgreSQL's
 * programs check paths with access(2), which drops the capability unless the securebit is set.
 */
const passAnyFolder = [
  '--securebits=+no_setuid_fixup',
  '--inh-caps=-all,+dac_override',
  '--ambient-caps=-all,+dac_override',
  '--bounding-set=-all,+dac_override',
];

/** The user for a data directory: its owner if that is not root, else `postgres`, else `nobody`. */
export async function unprivilegedOwner(dataDir: string): Promise<Ids | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const { uid, gid } = await stat(dataDir);
    if (uid !== 0) return { uid, gid };
  } catch {
    // The directory does not exist yet.
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // This system has no such user.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root and there is neither a user postgres nor a user nobody: ' +
      'create one of them, or run as an ordinary user',
  );
}

/**
 * Tries all launchers and returns the first that works for this program and this folder.
 * @throws if no launcher gives an unprivileged user access to both.
 */
export async function findLauncher(
  owner: Ids | undefined,
  program: string,
  folder: string,
): Promise<Launcher> {
  for (const launcher of await launchers(owner)) {
    const probe = launcher.command('/bin/sh', [
      '-c',
      'test -x "$0" && test -r "$0" && cd "$1" && test -w .',
      program,
      folder,
    ]);
    if (await succeeds(probe)) return launcher;
  }
  if (owner === undefined) throw new Error(`cannot run ${program} or write to ${folder}`);
  throw new Error(
    `PostgreSQL refuses to run as root, and user ${owner.uid} may not enter a folder above ` +
      `${program} or ${folder}: move the project below folders others may enter (chmod o+x), ` +
      'run as an ordinary user, or install setpriv (util-linux)',
  );
}

async function launchers(owner: Ids | undefined): Promise<readonly Launcher[]> {
  const plain = {
    owner,
    command: (file: string, args: readonly string[]) => ({ file, args, ...owner }),
  };
  if (!(await succeeds({ file: 'setpriv', args: [...endWithParent, 'true'] }))) return [plain];
  if (owner === undefined) return [bySetpriv(undefined, endWithParent), plain];
  const user = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  return [
    bySetpriv(owner, [...user, ...endWithParent]),
    bySetpriv(owner, [...user, ...passAnyFolder, ...endWithParent]),
    plain,
  ];
}

function bySetpriv(owner: Ids | undefined, options: readonly string[]): Launcher {
  return {
    owner,
    command: (file, args) => ({ file: 'setpriv', args: [...options, '--', file, ...args] }),
  };
}

async function succeeds({ file, args, ...ids }: Command): Promise<boolean> {
  try {
    await run(file, [...args], { cwd: '/', ...ids });
    return true;
  } catch {
    return false;
  }
}

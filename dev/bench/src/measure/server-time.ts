/** CPU time of a server, from Linux's /proc; unknown on other systems. */
import { readdir, readFile } from 'node:fs/promises';

/** /proc counts in hundredths of a second, whatever the kernel's tick (man proc_pid_stat, USER_HZ). */
const ticks = 100;

interface Account {
  readonly parent: number;
  /** User and system time, in ticks. */
  readonly own: number;
  /** The same for children that have ended. */
  readonly ended: number;
}

/**
 * Seconds of user and system time of a process and all its children, running or ended: a PostgreSQL
 * backend may run for a while after its client has gone.
 */
export async function cpuTime(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  for (;;) {
    const before = await accountOf(pid);
    const living = await childrenOf(pid);
    const after = await accountOf(pid);
    if (before === undefined || after === undefined) return undefined;
    // A child that ended meanwhile would be missed or counted twice.
    if (before.ended !== after.ended) continue;
    return [after, ...living].reduce((sum, { own, ended }) => sum + own + ended, 0) / ticks;
  }
}

async function accountOf(pid: number | string): Promise<Account | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  // The program's name is in parentheses and may itself contain spaces and parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return { parent: Number(fields[1]), own: user + system, ended: endedUser + endedSystem };
}

async function childrenOf(pid: number): Promise<readonly Account[]> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const accounts = await Promise.all(processes.map(accountOf));
  return accounts.filter((account) => account !== undefined).filter(({ parent }) => parent === pid);
}

export const difference = (
  after: number | undefined,
  before: number | undefined,
): number | undefined => (after === undefined || before === undefined ? undefined : after - before);

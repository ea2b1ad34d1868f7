/** Processor time of a server, by Linux's account; elsewhere unknown. */
import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second here, whatever its own tick (man proc_pid_stat, USER_HZ). */
const ticks = 100;

/**
 * Seconds of user and system time of a process and of the children that it has waited for: PostgreSQL's
 * backends count once they have ended.
 */
export async function processorTime(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  // The name of the program stands in brackets, and may hold spaces and brackets itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  const used = fields.slice(11, 15).map(Number);
  return used.reduce((sum, value) => sum + value, 0) / ticks;
}

export const difference = (
  after: number | undefined,
  before: number | undefined,
): number | undefined => (after === undefined || before === undefined ? undefined : after - before);

/** SIGKILL to a process, or with a negative number to its whole group. */
import { kill } from 'node:process';

/** @returns whether it hit anybody: who has ended already was not killed. */
export function sigkill(pid: number): boolean {
  try {
    return kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

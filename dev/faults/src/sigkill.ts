/** Sends SIGKILL to a process, or to its whole group if the number is negative. */
import { kill } from 'node:process';

/** @returns false if the process had already ended. */
export function sigkill(pid: number): boolean {
  try {
    return kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

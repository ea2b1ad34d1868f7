/** The machine that the figures were measured on. */
import { readFile } from 'node:fs/promises';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export async function describeMachine(): Promise<Record<string, string>> {
  const processors = cpus();
  const load = await readFile('/proc/loadavg', 'utf8').catch(() => '');
  return {
    processor: `${String(processors.length)} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    kernel: `${type()} ${release()} ${arch()}`,
    ...(load === '' ? {} : { 'load before': load.split(' ').slice(0, 2).join(' ') }),
  };
}

/** How long to wait for an idle machine, in milliseconds. */
const timeout = 180_000;

/** Waits for a low load average. The report marks the results of a machine that stays busy. */
export async function waitForIdle(signal: AbortSignal, log: (line: string) => void): Promise<void> {
  const until = performance.now() + timeout;
  const isBusy = () => (loadavg()[0] ?? 0) > cpus().length / 4;
  if (isBusy()) log('waiting for the machine to become idle');
  while (isBusy() && performance.now() < until) await delay(1_000, undefined, { signal });
}

/** What the figures were taken on. */
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

/** Milliseconds that the machine gets to come to rest from what it did before. */
const patience = 180_000;

/** Waits until the load of the last minute is low; of a machine that has other work it is told later. */
export async function comeToRest(signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const until = performance.now() + patience;
  const restless = () => (loadavg()[0] ?? 0) > cpus().length / 4;
  if (restless()) say('waiting for the machine to come to rest');
  while (restless() && performance.now() < until) await delay(1_000, undefined, { signal });
}

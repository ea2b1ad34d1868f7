/** What the figures were taken on. */
import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';

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

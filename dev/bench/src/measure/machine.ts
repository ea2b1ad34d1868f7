/** The machine that the figures were measured on. */
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

export function describeMachine(): Record<string, string> {
  const processors = cpus();
  return {
    processor: `${String(processors.length)} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    kernel: `${type()} ${release()} ${arch()}`,
    'load before': loadavg()
      .slice(0, 2)
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

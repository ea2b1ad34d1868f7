/** Logs the progress of long work every few seconds: bytes, rate and the caller's own counts. */
import type { Log } from './log.ts';

/** Minimum number of milliseconds between two log lines. */
const interval = 2_000;
const megabyte = 1e6;

export function logProgress(
  log: Log,
  doing: string,
  facts: () => Readonly<Record<string, number>>,
): (bytes: number) => void {
  const start = performance.now();
  let last = start;
  return (bytes) => {
    const now = performance.now();
    if (now - last < interval) return;
    last = now;
    const megabytes = bytes / megabyte;
    log.info(
      {
        ...facts(),
        MB: Math.round(megabytes),
        'MB/s': Math.round(megabytes / ((now - start) / 1_000)),
      },
      doing,
    );
  };
}

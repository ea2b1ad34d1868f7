/** The one place that waits: polling that starts quick and slows down with the time already waited. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly signal: AbortSignal;
  /** Milliseconds after which to give up. */
  readonly limit: number;
  /** Milliseconds between two looks, at the least and at the most. */
  readonly least?: number;
  readonly most?: number;
}

/**
 * Calls `look` until it returns something, and returns that; undefined when the limit has passed.
 * Between two looks it waits a twentieth of the time waited so far, with jitter, so that a short wait
 * is answered at once and a long one asks seldom.
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { signal, limit, least = 100, most = 15_000 }: Patience,
): Promise<T | undefined> {
  const start = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    const waited = performance.now() - start;
    if (waited >= limit) return undefined;
    const pause = Math.min(Math.max(least, waited / 20), most) * (0.75 + Math.random() / 2);
    await sleep(Math.min(pause, limit - waited), undefined, { signal });
  }
}

/** A moment between two tries of what raced, longer each time up to a second, with jitter. */
export async function untangle(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(50 * 2 ** attempt, 1_000));
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `24h` or `7d` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * units[match[2] as keyof typeof units];
}

/** Waiting: polling, backoff between racing writes, and durations. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  /** Bounds of the pause between two polls, in milliseconds. */
  readonly minPause?: number;
  readonly maxPause?: number;
}

/**
 * Polls until the result is not undefined. Returns undefined at the timeout. Each pause is a twentieth of
 * the time waited so far, with jitter, so that a short wait ends soon and a long one polls rarely.
 */
export async function waitFor<T>(
  poll: () => Promise<T | undefined>,
  { signal, timeout, minPause = 100, maxPause = 15_000 }: PollOptions,
): Promise<T | undefined> {
  const start = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const found = await poll();
    if (found !== undefined) return found;
    const waited = performance.now() - start;
    if (waited >= timeout) return undefined;
    const pause = Math.min(Math.max(minPause, waited / 20), maxPause) * (0.75 + Math.random() / 2);
    await sleep(Math.min(pause, timeout - waited), undefined, { signal });
  }
}

/** Pauses between two attempts at a write that raced: exponential, at most a second, with jitter. */
export async function backoff(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(50 * 2 ** attempt, 1_000));
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What `parseDuration` accepts, for messages. */
export const durationForm = 'a time such as 90s, 30m, 2h or 1d';

/** Parses `90s`, `30m`, `24h` or `7d` to milliseconds; returns undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * units[match[2] as keyof typeof units];
}

/** Both ends are allowed, and written as `parseDuration` reads them. */
export interface DurationRange {
  readonly least: string;
  readonly most: string;
}

/** For messages: `a time such as 90s, 30m, 2h or 1d, from 1s to 24h`. */
export const describeRange = ({ least, most }: DurationRange): string =>
  `${durationForm}, from ${least} to ${most}`;

/** In milliseconds; undefined if the text is no duration or is out of range. */
export function durationWithin(text: string, { least, most }: DurationRange): number | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) return undefined;
  const isWithin =
    milliseconds >= (parseDuration(least) ?? Infinity) &&
    milliseconds <= (parseDuration(most) ?? -Infinity);
  return isWithin ? milliseconds : undefined;
}

/** Milliseconds in the largest unit that gives a whole number, for messages: `90 s`, `10 min`, `2 h`. */
export function describeDuration(milliseconds: number): string {
  const names = { d: 'd', h: 'h', m: 'min', s: 's' } as const;
  const [unit = 's'] = (['d', 'h', 'm'] as const).filter((one) => milliseconds % units[one] === 0);
  return `${String(milliseconds / units[unit])} ${names[unit]}`;
}

/** Ages and times as an operator types and reads them. */
import { Failure } from '@user-behaviour/shared/failure';
import { parseDuration } from '@user-behaviour/shared/waiting';

/** `90s`, `30m`, `24h` or `7d` in milliseconds. @throws Failure for anything else. */
export function parseSpan(text: string, option: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new Failure('usage', `${option} must be a time such as 30m, 24h or 7d, not ${text}`);
}

/** In the largest unit of which there are at least two. */
export function formatAge(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return `${String(minutes)} min`;
  if (minutes < 2_880) return `${String(Math.floor(minutes / 60))} h`;
  return `${String(Math.floor(minutes / 1_440))} d`;
}

/** e.g. `2010-12-02 00:15:00 UTC`. */
export const formatTime = (time: Date): string =>
  `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

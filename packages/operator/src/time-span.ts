/** Ages as a person types and reads them. */
import { Failure } from '@user-behaviour/shared/failure';

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const form = /^(\d{1,6})([smhd])$/;

/** `90s`, `30m`, `24h` or `7d` in milliseconds. @throws Failure for anything else. */
export function parseSpan(text: string, option: string): number {
  const [, number, unit] = form.exec(text) ?? [];
  if (number !== undefined) return Number(number) * units[unit as keyof typeof units];
  throw new Failure('usage', `${option} must be a time such as 30m, 24h or 7d, not ${text}`);
}

/** In the largest unit of which there are two. */
export function sayAge(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / units.m));
  if (minutes < 120) return `${String(minutes)} min`;
  if (minutes < 2_880) return `${String(Math.floor(minutes / 60))} h`;
  return `${String(Math.floor(minutes / 1_440))} d`;
}

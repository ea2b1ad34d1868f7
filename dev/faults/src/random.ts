/** Chance that can be had again: mulberry32, 32 bits of state. */
import { env } from 'node:process';

export type Random = () => number;

/** From 0 (included) to 1, the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: Random, from: readonly T[]): T | undefined =>
  from[Math.floor(random() * from.length)];

/** `SEED`, else 1 (make passes it on empty): an order of events that failed once is had again by its number. */
export function baseSeed(): number {
  const given = env['SEED'] ?? '';
  return given === '' ? 1 : Number(given);
}

/** The seed of the random choices; the same seed repeats them. */
import { env } from 'node:process';

/** `SEED`, or 1 if it is unset or empty, as Make passes it. */
export function baseSeed(): number {
  const given = env['SEED'] ?? '';
  return given === '' ? 1 : Number(given);
}

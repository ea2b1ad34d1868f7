/** Properties of real processes and servers: a few random examples, and after a failure smaller ones for a while. */
import { randomInt } from 'node:crypto';
import { env } from 'node:process';
import fc from 'fast-check';

/** PROPERTY_SEED=… has the examples of an earlier run again; a failure prints it. */
const seed = Number(env['PROPERTY_SEED'] ?? randomInt(2 ** 31));

/** Milliseconds that smaller examples are looked for, from the first failure on. */
const shrinking = 60_000;

/** Milliseconds for a test of a property: all its examples on a busy machine, and the shrinking. */
export const propertyPatience = 300_000;

/** @throws with the smallest example found that fails, why it fails, and the seed. */
export async function holds<T>(
  any: fc.Arbitrary<T>,
  examples: number,
  check: (example: T) => Promise<void>,
): Promise<void> {
  let until = Infinity;
  const property = fc.asyncProperty(any, async (example) => {
    // Counts as held, so that what is told is the smallest failure so far.
    if (performance.now() > until) return;
    try {
      await check(example);
    } catch (error) {
      until = Math.min(until, performance.now() + shrinking);
      throw error;
    }
  });
  await fc.assert(property, { seed, numRuns: examples });
}

/** Checks properties of real processes and servers with a few random examples, and shrinks a failure for a while. */
import { randomInt } from 'node:crypto';
import { env } from 'node:process';
import fc from 'fast-check';

/** PROPERTY_SEED=… repeats the examples of an earlier run; a failure prints it. */
const seed = Number(env['PROPERTY_SEED'] ?? randomInt(2 ** 31));

/** Milliseconds for shrinking, from the first failure on. */
const shrinking = 60_000;

/** Timeout of a property test, in milliseconds: all its examples on a busy machine, and the shrinking. */
export const propertyTimeout = 300_000;

/** @throws with the smallest failing example found, its error and the seed. */
export async function checkProperty<T>(
  any: fc.Arbitrary<T>,
  examples: number,
  check: (example: T) => Promise<void>,
): Promise<void> {
  let until = Infinity;
  const property = fc.asyncProperty(any, async (example) => {
    // Counts as passed, so that the smallest failure so far is reported.
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

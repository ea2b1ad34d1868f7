/** What a suite chooses at random, and how much of what it could try. */
import { env } from 'node:process';

/** The seed of the random choices; the same seed repeats them. `SEED`, or 1 if it is unset or empty, as Make passes it. */
export function baseSeed(): number {
  const given = env['SEED'] ?? '';
  return given === '' ? 1 : Number(given);
}

/** Whether a suite tries a sample only: `make test` says so, unless it has NIGHTLY=1. */
export const isQuick = env['QUICK'] === '1';

/**
 * In a quick run, one of `one in` combinations of `row` and `column`, so that each row meets some columns and each
 * column some rows; the seed moves the choice. Otherwise all.
 */
export const isChosen = (row: number, column: number, oneIn: number): boolean =>
  !isQuick || (row + column + baseSeed()) % oneIn === 0;

/** In a quick run, one of them, which the seed decides. Otherwise all. */
export const oneOrAll = <T>(all: readonly T[]): readonly T[] =>
  isQuick ? all.filter((_, at) => at === baseSeed() % all.length) : all;

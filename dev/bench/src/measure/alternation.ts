/** Contenders by turns, so that what else the machine does falls on all of them alike. */
import { median } from './statistics.ts';

export interface AlternationOptions {
  /** How many runs each contender gets. */
  readonly rounds: number;
  /** The first contender is the measure; one that takes this many times as long gets `slowRounds`. */
  readonly slowFactor: number;
  readonly slowRounds: number;
}

/**
 * Round by round one run of each contender, and every other round in the reverse order: nobody always
 * comes after the same neighbour. Results are in the order of the contenders.
 */
export async function alternate<Candidate, Result extends { readonly wall: number }>(
  candidates: readonly Candidate[],
  { rounds, slowFactor, slowRounds }: AlternationOptions,
  run: (candidate: Candidate, round: number) => Promise<Result>,
): Promise<ReadonlyMap<Candidate, readonly Result[]>> {
  const results = new Map(candidates.map((candidate) => [candidate, [] as Result[]]));
  const walls = (candidate: Candidate | undefined) =>
    candidate === undefined ? [] : (results.get(candidate) ?? []).map(({ wall }) => wall);
  const isSlow = (candidate: Candidate) => {
    const [base, own] = [walls(candidates[0]), walls(candidate)];
    return base.length > 0 && own.length > 0 && median(own) > slowFactor * median(base);
  };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? candidates : candidates.toReversed();
    for (const candidate of order) {
      if (round >= slowRounds && isSlow(candidate)) continue;
      results.get(candidate)?.push(await run(candidate, round));
    }
  }
  return results;
}

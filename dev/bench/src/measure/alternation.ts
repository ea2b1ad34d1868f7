/** Runs candidates in turns, so that other load on the machine affects all of them equally. */
import { median } from './statistics.ts';

export interface AlternationOptions {
  /** How many runs each candidate gets. */
  readonly rounds: number;
  /** A candidate that takes this many times as long as the first gets only `slowRounds` runs. */
  readonly slowFactor: number;
  readonly slowRounds: number;
}

/**
 * Runs each candidate once per round, in reverse order every other round, so that no candidate always
 * follows the same one. Returns the results in the order of the candidates.
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

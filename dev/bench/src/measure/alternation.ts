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
export async function alternate<Contender, Result extends { readonly wall: number }>(
  contenders: readonly Contender[],
  { rounds, slowFactor, slowRounds }: AlternationOptions,
  run: (contender: Contender, round: number) => Promise<Result>,
): Promise<ReadonlyMap<Contender, readonly Result[]>> {
  const results = new Map(contenders.map((contender) => [contender, [] as Result[]]));
  const walls = (contender: Contender | undefined) =>
    contender === undefined ? [] : (results.get(contender) ?? []).map(({ wall }) => wall);
  const isSlow = (contender: Contender) => {
    const [base, own] = [walls(contenders[0]), walls(contender)];
    return base.length > 0 && own.length > 0 && median(own) > slowFactor * median(base);
  };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      if (round >= slowRounds && isSlow(contender)) continue;
      results.get(contender)?.push(await run(contender, round));
    }
  }
  return results;
}

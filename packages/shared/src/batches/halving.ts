/**
 * Finds the days that make shared work fail, so that only they fail.
 *
 * A day can end the work of many without a verdict, e.g. if its memory does not suffice. A service tells that
 * in the same words as its own trouble. So days that failed together are tried again in two halves.
 * First all halves are tried, then all quarters, and so on: if one day is the cause, every second
 * attempt of a level succeeds. If the service is the cause, none does, and `mostFailures` attempts
 * in a row end the search. The rules look only at the days and at how their attempts end, so equal
 * input gets equal verdicts.
 */

/** Whether a day can be the cause of a failure. A verdict about a day also shows that the service works. */
export type Suspect = 'day' | 'day or service' | 'service';

/** The days together, their halves and their quarters: up to three bad days leave one of those without any. */
export const mostFailures = 7;

export interface Halving<T> {
  /** Throws if the work fails. */
  readonly attempt: (group: readonly T[]) => Promise<void>;
  readonly suspectOf: (error: unknown) => Suspect;
  /** Those of a group that its failure names, if it names any: each of them is tried alone, and the others together. */
  readonly namedBy?: (group: readonly T[], error: unknown) => readonly T[];
  /** Called before the days of a failed attempt are tried in parts. */
  readonly onRetry: (group: readonly T[], error: unknown) => void;
  readonly fail: (group: readonly T[], error: unknown) => Promise<void>;
}

/** Attempts the group. Each of its items then has been in a successful attempt, or has failed. */
export async function attemptInHalves<T>(
  all: readonly T[],
  { attempt, suspectOf, namedBy = () => [], onRetry, fail }: Halving<T>,
): Promise<void> {
  const waiting = [all];
  let failures = 0;
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    try {
      await attempt(group);
      failures = 0;
    } catch (error) {
      const suspect = suspectOf(error);
      if (suspect === 'service') {
        await fail(group, error);
        continue;
      }
      failures = suspect === 'day' ? 0 : failures + 1;
      if (failures === mostFailures) {
        for (const rest of [group, ...waiting.splice(0)]) await fail(rest, error);
      } else if (group.length === 1) {
        await fail(group, error);
      } else {
        onRetry(group, error);
        waiting.push(...partsOf(group, namedBy(group, error)));
      }
    }
  }
}

/** Every part is smaller than the group, so that the search ends. */
function partsOf<T>(group: readonly T[], named: readonly T[]): readonly (readonly T[])[] {
  if (named.length === 0) return halves(group);
  const others = group.filter((item) => !named.includes(item));
  return [others, ...named.map((item) => [item])].filter(({ length }) => length > 0);
}

export function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}

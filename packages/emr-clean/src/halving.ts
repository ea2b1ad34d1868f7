/**
 * Finds the days that make an application fail, so that only they fail.
 *
 * A day can end Spark without a verdict of the script, e.g. if its memory does not suffice. EMR tells that
 * in the same words as trouble of the cluster. So days that failed together are tried again in two halves.
 * First all halves are tried, then all quarters, and so on: if one day is the cause, every second
 * application of a level succeeds. If the cluster is the cause, none does, and `mostFailures` applications
 * in a row end the search. The rules look only at the days and at how their applications end, so equal
 * input gets equal verdicts.
 */

/** Whether a day can be the cause of a failure. The script's own verdict also shows that the cluster works. */
export type Suspect = 'day' | 'day or cluster' | 'cluster';

/** The days together, their halves and their quarters: up to three bad days leave one of those without any. */
export const mostFailures = 7;

export interface Halving<T> {
  /** Throws if the application fails. */
  readonly attempt: (group: readonly T[]) => Promise<void>;
  readonly suspectOf: (error: unknown) => Suspect;
  /** Called before the days of a failed application are tried in halves. */
  readonly onRetry: (error: unknown) => void;
  readonly fail: (group: readonly T[], error: unknown) => Promise<void>;
}

/** Attempts the group. Each of its items then has been in a successful attempt, or has failed. */
export async function attemptInHalves<T>(
  all: readonly T[],
  { attempt, suspectOf, onRetry, fail }: Halving<T>,
): Promise<void> {
  const waiting = [all];
  let failures = 0;
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    try {
      await attempt(group);
      failures = 0;
    } catch (error) {
      const suspect = suspectOf(error);
      if (suspect === 'cluster') {
        await fail(group, error);
        continue;
      }
      failures = suspect === 'day' ? 0 : failures + 1;
      if (failures === mostFailures) {
        for (const rest of [group, ...waiting.splice(0)]) await fail(rest, error);
      } else if (group.length === 1) {
        await fail(group, error);
      } else {
        onRetry(error);
        waiting.push(...halves(group));
      }
    }
  }
}

export function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}

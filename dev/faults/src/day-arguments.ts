/** The command line of a job for one day, or for several that follow each other. */
import type { Ds } from '@user-behaviour/shared/ds';

export function dayArguments(days: readonly Ds[]): readonly string[] {
  const [first = '', last = ''] = [days[0], days.at(-1)];
  return [`--ds=${first}`, ...(last === first ? [] : [`--through=${last}`])];
}

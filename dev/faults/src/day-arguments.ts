/** A job's arguments for one day or a range of days. */
import type { Ds } from '@user-behaviour/shared/ds';

export function dayArguments(days: readonly Ds[]): readonly string[] {
  const [first = '', last = ''] = [days[0], days.at(-1)];
  return [`--ds=${first}`, ...(last === first ? [] : [`--through=${last}`])];
}

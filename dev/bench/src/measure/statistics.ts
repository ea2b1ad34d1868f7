/** Statistics of several runs. */

/** The middle value, or the mean of the middle two of an even number of values. @throws for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error('there is no median of no values');
  return (low + high) / 2;
}

/** The smallest and the largest value. @throws for none. */
export function range(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) throw new Error('there is no range of no values');
  return [Math.min(...values), Math.max(...values)];
}

/**
 * The median of the values divided by that of the base; undefined without a base. Both must come from the
 * same alternating runs, so that other load on the machine affects both.
 */
export function ratio(
  values: readonly number[],
  base: readonly number[] | undefined,
): number | undefined {
  if (base === undefined || base.length === 0 || values.length === 0) return undefined;
  const divisor = median(base);
  return divisor === 0 ? undefined : median(values) / divisor;
}

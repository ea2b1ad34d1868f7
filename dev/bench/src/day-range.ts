/** Days as the benchmark counts them. */

const day = 86_400_000;

/** The day so many days after the first. */
export const dayAfter = (first: string, days: number): string =>
  new Date(Date.parse(first) + days * day).toISOString().slice(0, 10);

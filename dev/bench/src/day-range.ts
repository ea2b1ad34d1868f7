/** The days of the benchmark. */

const day = 86_400_000;

/** The day `days` days after the first. */
export const dayAfter = (first: string, days: number): string =>
  new Date(Date.parse(first) + days * day).toISOString().slice(0, 10);

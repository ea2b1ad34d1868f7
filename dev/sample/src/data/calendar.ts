/** The days of the sample. All times are UTC, written without a zone as in the shop's file. */
const dayLength = 86_400_000;
const saturday = 6;

/** The days of `length` calendar days from `first` on, without Saturdays. */
export function saleDays(first: string, length: number): string[] {
  const start = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length }, (_, index) => new Date(start + index * dayLength))
    .filter((day) => day.getUTCDay() !== saturday)
    .map((day) => day.toISOString().slice(0, 10));
}

/** A time of day, e.g. 08:05:00, from the minutes since midnight. */
export function clock(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`;
}

/** The days of the sample. All times are UTC, written without a zone as in the shop's file. */
import { dsRange, parseDs } from '@user-behaviour/shared/ds';

const saturday = 6;

/** The vendor delivers reviews on each of these days. */
export const sampleDays = dsRange(parseDs('2010-12-01'), parseDs('2010-12-10'));

/** The shop is closed on Saturdays. */
export const saleDays = sampleDays.filter((ds) => new Date(ds).getUTCDay() !== saturday);

/** A time of day, e.g. 08:05:00, from the minutes since midnight. */
export function clock(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`;
}

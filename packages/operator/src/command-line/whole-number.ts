/** Numbers as an operator types them. */
import { Failure } from '@user-behaviour/shared/failure';

/** Throws a usage failure for anything but a whole number from `least` to `most`. */
export function wholeNumber(
  text: string,
  option: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new Failure(
    'usage',
    `${option} must be a whole number from ${String(least)} to ${String(most)}, not ${JSON.stringify(text)}`,
  );
}

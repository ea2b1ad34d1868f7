/** A customer's id as it is typed, and as it is written in files; pure. */
import { Failure } from '@user-behaviour/shared/failure';

/** Returns the id without leading zeros: a review's may have some. */
export function parseCustomer(text: string, option: string): string {
  const [, customer] = /^0*([1-9]\d{0,9})$/.exec(text.trim()) ?? [];
  if (customer !== undefined) return customer;
  throw new Failure('usage', `${option} must be the id of a customer, such as 17850, not ${text}`);
}

export const isCustomer = (value: string, customer: string): boolean =>
  value.trim().replace(/^0+(?=\d)/, '') === customer;

/**
 * Whether a review's line begins with the id, even if the line is malformed: it may be a reject. Other bytes than ASCII
 * letters and digits may precede it, e.g. a byte order mark, but no comma: that ends an empty cid.
 */
export const beginsWithCustomer = (line: string, customer: string): boolean =>
  new RegExp(`^[^A-Za-z0-9,]*0*${customer}(?![A-Za-z0-9])`).test(line);

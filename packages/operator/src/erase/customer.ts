/** A customer's id as it is typed, and as it is written in files; pure. */
import { Failure } from '@user-behaviour/shared/failure';

/** Without leading zeros: a review's id may have some. */
const canonical = (text: string): string => text.trim().replace(/^(-?)0+(?=\d)/, '$1');

/** Any bigint, since a quarantined purchase may have one. Returns the id without leading zeros. */
export function parseCustomer(text: string, option: string): string {
  const customer = canonical(text);
  if (/^(?:0|-?[1-9]\d{0,18})$/.test(customer) && isBigint(BigInt(customer))) return customer;
  throw new Failure('usage', `${option} must be the id of a customer, such as 17850, not ${text}`);
}

const isBigint = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

export const isCustomer = (value: string, customer: string): boolean =>
  canonical(value) === customer;

/** The id's digits, which a text must have if it holds the customer. */
export const digitsOf = (customer: string): string => customer.replace('-', '');

/**
 * Whether a review's line begins with the id, even if the line is malformed: it may be a reject. Other characters than
 * letters and digits may precede it, e.g. a byte order mark, but no comma, which ends an empty cid, and no other sign.
 * What stage-reviews puts in the place of a line that is too long keeps the beginning of that line.
 */
export const beginsWithCustomer = (line: string, customer: string): boolean =>
  new RegExp(
    `^(line_too_long:\\d+:)?[^\\p{L}\\d,]*${withZeros(customer)}(?![\\p{L}\\d])`,
    'u',
  ).test(line);

const withZeros = (customer: string): string =>
  `${customer.startsWith('-') ? '-' : '(?<!-)'}0*${digitsOf(customer)}`;

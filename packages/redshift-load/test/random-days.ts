/** Days of random purchases and reviews, including difficult texts. */
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { anyText } from '@user-behaviour/testkit/any-text';
import fc from 'fast-check';
import type { Purchase, Review } from './stages.ts';

export interface Sale {
  readonly invoice: string | null;
  readonly detail: string | null;
  readonly quantity: number;
  readonly price: string;
  readonly customer: number | null;
  readonly country: string | null;
}

export interface Day {
  readonly sales: readonly Sale[];
  readonly reviews: readonly Review[];
}

/** U+0001 is the external table's escape (ADR 4). */
const text = (longest: number) =>
  anyText(longest).filter((one) => one?.includes('\u0001') !== true);

/** Few customers, so that purchases and reviews match. */
const [firstCustomer, lastCustomer] = [12_000, 12_020];
const customer = fc.integer({ min: firstCustomer, max: lastCustomer });

const day: fc.Arbitrary<Day> = fc.record({
  sales: fc.array(
    fc.record({
      invoice: text(10),
      detail: text(60),
      quantity: fc.integer({ min: -5, max: 500 }),
      price: fc.integer({ min: 0, max: 99_999_999 }).map((n) => (n / 1_000).toFixed(3)),
      customer: fc.option(customer, { freq: 5 }),
      country: text(20),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  ),
  reviews: fc.array(fc.record({ customer, positive: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  }),
});

/** `count` days, without fast-check's bias towards small values, because there are few examples. */
export const anyDays = (count: number): fc.Arbitrary<readonly Day[]> =>
  fc.noBias(fc.array(day, { minLength: count, maxLength: count }));

/** Some of the customers. */
export const anyCustomers: fc.Arbitrary<readonly number[]> = fc.noBias(
  fc.uniqueArray(customer, { minLength: 1, maxLength: lastCustomer - firstCustomer }),
);

/** The days by consecutive dates from `first`. */
export function datedFrom(first: Ds, days: readonly Day[]): ReadonlyMap<Ds, Day> {
  let ds = first;
  return new Map(
    days.map((day, index) => {
      if (index > 0) ds = nextDs(ds);
      return [ds, day];
    }),
  );
}

/** The purchases that the load sums up: those that extract-purchases takes. */
export const bought = ({ sales }: Day): readonly Purchase[] =>
  sales.flatMap(({ quantity, price, customer }) => {
    if (quantity <= 2) return [];
    return customer === null ? { quantity, price } : { quantity, price, customer };
  });

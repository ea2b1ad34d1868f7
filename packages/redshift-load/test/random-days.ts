/** Days of random purchases and reviews, nasty texts among them; the seed makes them again. */
import fc from 'fast-check';

export interface Sale {
  readonly invoice: string | null;
  readonly detail: string | null;
  readonly quantity: number;
  readonly price: string;
  readonly customer: number | null;
  readonly country: string | null;
}

export interface RandomDay {
  readonly sales: readonly Sale[];
  readonly reviews: readonly { readonly customer: number; readonly positive: boolean }[];
}

/** Everything that a CSV reader may stumble over, and any other character but NUL, which Postgres refuses. */
const character = fc.oneof(
  fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', '\\', "'", '\t', ' ', '\\.', '\\N', '|', ';'),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 1 })
    .filter((one) => !/[\0\u0001]/.test(one)),
);
const text = (longest: number) =>
  fc.option(
    fc
      .array(character, { maxLength: longest })
      .map((parts) => Array.from(parts.join('')).slice(0, longest).join('')),
    { freq: 8 },
  );

/** Few, so that purchases and reviews meet. */
const customer = fc.integer({ min: 12_000, max: 12_020 });

const day: fc.Arbitrary<RandomDay> = fc.record({
  sales: fc.array(
    fc.record({
      invoice: text(10),
      detail: text(60),
      quantity: fc.integer({ min: -5, max: 500 }),
      price: fc.integer({ min: 0, max: 99_999_999 }).map((n) => (n / 1_000).toFixed(3)),
      customer: fc.option(customer, { freq: 5 }),
      country: text(20),
    }),
    { minLength: 20, maxLength: 60, size: 'max' },
  ),
  reviews: fc.array(fc.record({ customer, positive: fc.boolean() }), {
    minLength: 10,
    maxLength: 40,
    size: 'max',
  }),
});

export const randomDays = (count: number, seed: number): readonly RandomDay[] =>
  fc.sample(day, { numRuns: count, seed });

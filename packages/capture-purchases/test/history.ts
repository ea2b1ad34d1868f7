/** Random histories of the shop's table, as SQL. */
import fc from 'fast-check';

export const days = ['2010-12-01', '2010-12-02', '2010-12-03', '2010-12-04'] as const;

const day = fc.constantFrom(...days);
const literal = (text: string) => `$t$${text}$t$`;
const text = fc.oneof(
  fc.constantFrom('', 'a\tb', 'a\nb', 'say "hi", twice', '\\.', '\\N', 'Müller 茶'),
  fc.string({ unit: fc.constantFrom(...Array.from('ab",\n\r\t\\ é')), maxLength: 12 }),
);
/** Longer than what PostgreSQL keeps in the row itself, and not compressible. */
const long = fc
  .integer({ min: 1, max: 1_000_000 })
  .map((seed) =>
    Array.from({ length: 900 }, (_, index) =>
      String.fromCodePoint(0x4e00 + ((seed * (index + 1) * 7919 + index * index * 31) % 20_000)),
    ).join(''),
  );
const nullable = <T>(any: fc.Arbitrary<T>) => fc.option(any, { freq: 8 });

const insert = fc
  .record({
    detail: nullable(fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: long })),
    quantity: nullable(fc.integer({ min: -1, max: 6 })),
    date: fc.oneof(
      { weight: 20, arbitrary: day },
      { weight: 1, arbitrary: fc.constantFrom(null, 'infinity', '0044-03-15 BC') },
    ),
    time: fc.constantFrom('08:26:00', '00:00:00', '23:59:59.999999', '12:00:00.5'),
    price: fc.integer({ min: -99_999, max: 99_999 }),
    customer: nullable(fc.integer({ min: 1, max: 99_999 })),
  })
  .map(
    ({ detail, quantity, date, time, price, customer }) =>
      `insert into retail.user_purchase values ('5363', '71053', ${detail === null ? 'null' : literal(detail)}, ${String(quantity)}, ${
        date === null ? 'null' : date.startsWith('2') ? `'${date} ${time}'` : `'${date}'`
      }, ${String(price / 1000)}, ${String(customer)}, 'United Kingdom')`,
  );

/** Some rows of the table, chosen by what they hold. */
const some = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 0, max: 4 }))
  .map(
    ([of, rest]) =>
      `mod(abs(hashtext(coalesce(detail, '') || quantity)), ${String(of)}) = ${String(rest)}`,
  );

const change = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 6 }).map((quantity) => `set quantity = ${String(quantity)}`),
      day.map((ds) => `set invoice_date = '${ds} 10:00:00'`),
      text.map((detail) => `set detail = ${literal(detail)}`),
      fc.constant('set country = country'),
    ),
    some,
  )
  .map(([set, rows]) => `update retail.user_purchase ${set} where ${rows}`);

const remove = some.map((rows) => `delete from retail.user_purchase where ${rows}`);

const statement = fc.oneof(
  { weight: 5, arbitrary: insert },
  { weight: 3, arbitrary: change },
  { weight: 1, arbitrary: remove },
);

const statements = fc.array(statement, { minLength: 1, maxLength: 5 });

const transaction = fc.oneof(
  { weight: 4, arbitrary: statements },
  {
    weight: 1,
    arbitrary: fc
      .tuple(statements, statements)
      .map(([kept, undone]) => [...kept, 'savepoint s', ...undone, 'rollback to s']),
  },
  { weight: 1, arbitrary: statements.map((undone) => [...undone, 'rollback']) },
);

/** Transactions, each as one text of several statements. */
export const history = fc
  .array(transaction, { minLength: 4, maxLength: 25 })
  .map((all) =>
    all.map((one) =>
      ['begin', ...one, ...(one.at(-1) === 'rollback' ? [] : ['commit'])].join('; '),
    ),
  );

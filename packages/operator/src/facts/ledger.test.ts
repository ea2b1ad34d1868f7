/** Whatever the warehouse answers: its rows are understood as they are or refused as wrong data. */
import type { Field } from '@aws-sdk/client-redshift-data';
import { isDs, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLedger } from './ledger.ts';
import { formatTable } from '../table.ts';
import { readPage } from './warehouse-query.ts';

const number = fc.oneof(
  fc.record({ longValue: fc.integer() }),
  fc.record({ stringValue: fc.constantFrom('0.00000', '28931.63', '1', '') }),
);
const text = fc.record({ stringValue: fc.oneof(fc.constant('2010-12-01'), fc.string()) });
const odd = fc.oneof(
  fc.record({ doubleValue: fc.double() }),
  fc.record({ booleanValue: fc.boolean() }),
  fc.record({ isNull: fc.boolean() }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
);
/** Often shaped as the ledger's rows are. */
const record = fc.oneof(
  fc.tuple(text, text, text, number, number, number, text, number),
  fc.array(fc.oneof(number, text, odd), { maxLength: 10 }),
) as fc.Arbitrary<Field[]>;
const page = fc.record(
  {
    ColumnMetadata: fc.array(fc.record({ name: fc.string() }, { requiredKeys: [] })),
    Records: fc.array(record, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

function parsed(found: Parameters<typeof readPage>[0]): ReturnType<typeof parseLedger> {
  try {
    return parseLedger(readPage(found).rows);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'data' });
    return new Map();
  }
}

it('the ledger is understood as a whole or refused', () => {
  fc.assert(
    fc.property(page, (found) => {
      for (const [ds, { rows, amountSpent, minQuantity }] of parsed(found)) {
        expect(isDs(ds)).toBe(true);
        expect([rows, Number(amountSpent), minQuantity].every(Number.isFinite)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

it('a row of the ledger is read, its time of day left out of its day', () => {
  const row = ['2010-12-01 00:00:00', 'p', 'r', '82', '28931.63000', '2', '2026-11-23', '1'];
  expect(parseLedger([row]).get(parseDs('2010-12-01'))).toEqual({
    purchasesRun: 'p',
    reviewsRun: 'r',
    rows: 82,
    amountSpent: '28931.63',
    minQuantity: 2,
    loadedAt: '2026-11-23',
    whole: true,
  });
});

it('the rows of any query are shown', () => {
  fc.assert(
    fc.property(page, (found) => {
      const { columns, rows } = readPage(found);
      expect(formatTable(columns, rows)).toEqual(expect.any(String));
    }),
  );
});

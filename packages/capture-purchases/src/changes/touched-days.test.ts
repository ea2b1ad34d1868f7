import type { TouchedDay } from '@user-behaviour/shared/changes/changes-head';
import { CsvScanner } from '@user-behaviour/source/csv-scanner';
import { csvRow, wireRow } from '@user-behaviour/source/test/copy-text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeXid } from './change-reader.ts';
import { RowHash } from './row-hash.ts';
import { extractedColumns } from '@user-behaviour/source/extracted-columns';
import { type Purchase, purchaseIn } from './row-values.ts';
import { together, TouchedDays } from './touched-days.ts';

const hash = await RowHash.create();
const scanner = await CsvScanner.create(1024 ** 2, { hashesRecords: false });

type Values = Partial<Record<(typeof extractedColumns)[number], string | null>>;
const usual: Values = {
  invoice_number: '536365',
  stock_code: '71053',
  detail: 'LANTERN',
  quantity: '6',
  invoice_date: '2010-12-01 08:26:00',
  unit_price: '3.390',
  customer_id: '17850',
  country: 'United Kingdom',
};
const purchase = (values: Values = {}): Purchase =>
  extractedColumns.map((name) => {
    const value = { ...usual, ...values }[name] ?? null;
    return value === null ? null : Buffer.from(value);
  });

const added = (minQuantity: number, add: (days: TouchedDays) => void) => {
  const days = new TouchedDays(hash, () => minQuantity);
  add(days);
  const { undated, touched } = days.take();
  expect(days.take()).toEqual({ undated: 0, changes: 0, touched: new Map() });
  return { undated, days: Object.fromEntries(touched) as Record<string, TouchedDay> };
};
const [first, second] = ['2010-12-01', '2010-12-02'] as const;
const zero = '0'.repeat(16);

describe('the hash of a row', () => {
  it('is that of the CSV which the extraction writes', () => {
    const field = fc.oneof(
      fc.constantFrom(null, '', '\\.', '\\N', '"', ',', 'a\tb'),
      fc.string({ unit: fc.constantFrom(...Array.from('ab\\",\n\r\t\b\f\v é茶')), maxLength: 30 }),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 8, maxLength: 8 }), (row) => {
        const before = scanner.hashSum;
        scanner.addInput(wireRow(row));
        scanner.scan(scanner.outputStart, scanner.outputStart + 1024 ** 2);
        expect(scanner.memory.toString('utf8', scanner.outputStart, scanner.outputEnd)).toBe(
          csvRow(row),
        );
        const values = row.map((value) => (value === null ? null : Buffer.from(value)));
        expect(hash.of(values)).toBe(BigInt.asUintN(64, scanner.hashSum - before));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the days that changes touch', () => {
  it('count an insert, an update within the day, and a delete, which cancel each other', () => {
    const { days } = added(2, (all) => {
      all.add(7n, undefined, purchase());
      all.add(9n, purchase(), purchase({ detail: 'other' }));
      all.add(8n, purchase({ detail: 'other' }), undefined);
    });
    expect(days).toEqual({
      [first]: {
        ...{ first: '7', last: '9', inserted: 1, updated: 1, deleted: 1, rows: 0 },
        ...{ rowHash: zero, minQuantity: 2, uncounted: 0 },
      },
    });
  });

  it('are both days of a row that moves', () => {
    const { days } = added(2, (all) => {
      all.add(7n, purchase(), purchase({ invoice_date: `${second} 00:00:00` }));
    });
    expect(days).toMatchObject({
      [first]: { deleted: 1, rows: -1 },
      [second]: { inserted: 1, rows: 1 },
    });
  });

  it('sum only rows above the quantity, and count the others', () => {
    const { days } = added(6, (all) => {
      all.add(7n, undefined, purchase());
      all.add(7n, undefined, purchase({ quantity: null }));
      all.add(7n, purchase(), purchase({ quantity: '7' }));
    });
    expect(days).toMatchObject({ [first]: { inserted: 2, updated: 1, rows: 1 } });
  });

  it.each([
    { unit_price: null },
    { unit_price: 'NaN' },
    { unit_price: '1.123456' },
    { detail: 'é'.repeat(2_001) },
    { quantity: '2147483648' },
  ])('do not sum a row that the load may not take: %j', (values) => {
    const { days } = added(2, (all) => {
      all.add(7n, undefined, purchase(values));
    });
    expect(days).toMatchObject({ [first]: { rows: 0, rowHash: zero, uncounted: 1 } });
  });

  it.each([null, 'infinity', '0044-03-15 10:00:00 BC', '12010-12-01 10:00:00'])(
    'leave out a row with the date %j',
    (invoice_date) => {
      const { days, undated } = added(2, (all) => {
        all.add(7n, purchase({ invoice_date }), purchase());
      });
      expect(undated).toBe(1);
      expect(days).toMatchObject({ [first]: { inserted: 1, deleted: 0 } });
    },
  );

  it('add up over runs; sums for another quantity say nothing', () => {
    const entry = (xid: bigint, minQuantity: number, values: Values) => {
      const { days } = added(minQuantity, (all) => {
        all.add(xid, undefined, purchase(values));
      });
      const found = days[first];
      if (found === undefined) throw new Error('the day is touched');
      return found;
    };
    const [one, other] = [entry(99n, 2, {}), entry(100n, 2, { detail: 'b' })];
    const { days } = added(2, (all) => {
      all.add(99n, undefined, purchase());
      all.add(100n, undefined, purchase({ detail: 'b' }));
    });
    expect(together(one, other)).toEqual(days[first]);
    expect(together(other, one)).toEqual(days[first]);
    expect(together(one, entry(100n, 3, {}))).toMatchObject({ minQuantity: 3, uncounted: 1 });
  });
});

describe('the values of a purchase', () => {
  const columns = ['country', ...extractedColumns.filter((name) => name !== 'country'), 'note'];

  it('are found by name, without the padding of a column of fixed length', () => {
    const read = purchaseIn(columns, new Set(['country']));
    const row = columns.map((name) => Buffer.from(`${name}  `));
    const found = read(row).map((value) => value?.toString());
    expect(found).toEqual(
      extractedColumns.map((name) => (name === 'country' ? 'country' : `${name}  `)),
    );
  });

  it('are refused without one of the columns', () => {
    expect(() => purchaseIn(columns.slice(1), new Set())).toThrow('has no column country');
  });
});

it.each([
  [5, 10n, 5n],
  [4_294_967_290, 2n ** 32n + 3n, 4_294_967_290n],
  [3, 2n ** 33n - 2n, 2n ** 33n + 3n],
])('the whole id of %j near %d is %d', (low, near, whole) => {
  expect(wholeXid(low, near)).toBe(whole);
});

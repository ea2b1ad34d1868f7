import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../test/parse-csv.ts';
import { buyers, dailyBuyer, reviewers, nonReviewer } from './customers.ts';
import { purchaseLines } from './purchases.ts';
import { sampleSeed } from './write-sample.ts';

interface Row {
  readonly invoice: string;
  readonly stock: string;
  readonly detail: string;
  readonly quantity: number;
  readonly day: string;
  readonly time: string;
  readonly price: string;
  readonly customer: string;
  readonly country: string;
}

const text = (seed: number): string => [...purchaseLines(seed)].join('');
const [header, ...records] = parseCsv(text(sampleSeed));
const rows = records.map((fields): Row => {
  const [invoice, stock, detail, quantity, moment, price, customer, country, ...more] = fields;
  if (country === undefined || more.length > 0) throw new Error(`${fields.length} columns`);
  const [day, time] = (moment ?? '').split(' ');
  return {
    invoice: invoice ?? '',
    stock: stock ?? '',
    detail: detail ?? '',
    quantity: Number(quantity),
    day: day ?? '',
    time: time ?? '',
    price: price ?? '',
    customer: customer ?? '',
    country,
  };
});
const days = [...new Set(rows.map((row) => row.day))];
const counts = (row: Row): boolean => row.quantity > 2 && row.customer === String(dailyBuyer);

/** Every day must have each of these. */
const kinds: Readonly<Record<string, (row: Row) => boolean>> = {
  'a cancellation': (row) => /^C\d+$/.test(row.invoice) && row.quantity < 0,
  'no customer': (row) => row.customer === '' && row.quantity > 2,
  'a comma in quotes': (row) => row.detail === 'OVAL TRAY, GREEN' && counts(row),
  'a doubled quote': (row) => /^[^"]+"[^"]+$/.test(row.detail) && counts(row),
  'quotes at the start of a field': (row) => row.detail.startsWith('"') && counts(row),
  'a backslash': (row) => /\\./.test(row.detail) && counts(row),
  'a backslash before the closing quote': (row) => /,.*\\$/.test(row.detail) && counts(row),
  'letters beyond ASCII': (row) => /É.*Ö.*£/.test(row.detail) && counts(row),
  'no description': (row) => row.detail === '',
  'blanks around a description': (row) => row.detail !== row.detail.trim() && counts(row),
  'quantity 1': (row) => row.quantity === 1,
  'quantity 2': (row) => row.quantity === 2 && row.customer === String(dailyBuyer),
  'quantity 3': (row) => row.quantity === 3 && row.customer === String(dailyBuyer),
  'three decimals': (row) => /\.\d{3}$/.test(row.price) && counts(row),
  'the first second': (row) => row.time === '00:00:00' && counts(row),
  'the last second': (row) => row.time === '23:59:59' && counts(row),
  'a customer without a review': (row) =>
    row.customer === String(nonReviewer) && row.quantity > 2 && !reviewers.includes(nonReviewer),
};

describe('purchaseLines', () => {
  it('gives the same bytes only for the same seed', () => {
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('writes the shop’s header and some thousand rows', () => {
    expect(header?.join()).toBe(
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
    );
    expect(rows.length).toBeGreaterThan(2_500);
    expect(rows.length).toBeLessThan(5_000);
  });

  it('covers ten days from 2010-12-01 without the Saturday, in order of time', () => {
    expect(days).toEqual(
      ['01', '02', '03', '05', '06', '07', '08', '09', '10'].map((day) => `2010-12-${day}`),
    );
    const moments = rows.map((row) => `${row.day} ${row.time}`);
    expect(moments).toEqual(moments.toSorted());
  });

  it.each(Object.keys(kinds))('has %s on every day', (kind) => {
    const found = new Set(rows.filter(kinds[kind] ?? (() => false)).map((row) => row.day));
    expect([...found]).toEqual(days);
  });

  it('has a duplicate line on every day', () => {
    const seen = new Set<string>();
    const repeated = new Set<string>();
    for (const row of rows) {
      const whole = JSON.stringify(row);
      if (seen.has(whole)) repeated.add(row.day);
      seen.add(whole);
    }
    expect([...repeated]).toEqual(days);
  });

  it('fits the types of the source table and has only known customers', () => {
    for (const row of rows) {
      expect(row.invoice).toMatch(/^C?\d{6}$/);
      expect(row.stock).toMatch(/^\d{5}[A-C]?$/);
      expect(Number.isInteger(row.quantity)).toBe(true);
      expect(row.time).toMatch(/^\d{2}:\d{2}:\d{2}$/);
      expect(row.price).toMatch(/^\d{1,5}(\.\d{1,3})?$/);
      expect(row.country.length).toBeLessThanOrEqual(20);
      if (row.customer !== '') expect(buyers).toContain(Number(row.customer));
    }
  });
});

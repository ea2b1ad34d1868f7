/** Invented purchases in the format of the shop's file: a few thousand lines over nine days. */
import { clock, saleDays } from './calendar.ts';
import { makeCatalogue, type Product } from './catalogue.ts';
import { csvLine } from './csv.ts';
import { edgeCaseSales } from './edge-cases.ts';
import { buyers, countryOf } from './customers.ts';
import { createRandom, type Random } from '../random.ts';
import type { Sale } from './sale.ts';

export const purchaseHeader = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

const firstInvoice = 700_001;
const quantities = [1, 1, 1, 2, 2, 3, 4, 6, 6, 8, 10, 12, 12, 24, 48];

/** The file as CSV lines, starting with the header; the same seed gives the same bytes. */
export function* purchaseLines(seed: number): Generator<string> {
  const random = createRandom(seed, 'purchases');
  const catalogue = makeCatalogue(random);
  yield csvLine(purchaseHeader);
  let invoice = firstInvoice;
  for (const day of saleDays) {
    const sales = [...edgeCaseSales(), ...ordinarySales(random, catalogue)].sort((a, b) =>
      a.time < b.time ? -1 : a.time > b.time ? 1 : 0,
    );
    for (const sale of sales) {
      yield* saleLines(sale, invoice, day);
      invoice += 1;
    }
  }
}

function ordinarySales(random: Random, catalogue: readonly Product[]): Sale[] {
  return Array.from({ length: random.integer(32, 44) }, () => {
    const cancelled = random.chance(0.06);
    const sign = cancelled ? -1 : 1;
    return {
      time: clock(random.integer(8 * 60, 18 * 60)),
      customer: random.chance(0.12) ? undefined : random.pick(buyers),
      cancelled,
      lines: Array.from({ length: random.integer(1, cancelled ? 2 : 18) }, () => ({
        ...random.pick(catalogue),
        quantity: sign * random.pick(quantities),
      })),
    };
  });
}

function* saleLines(sale: Sale, invoice: number, day: string): Generator<string> {
  for (const line of sale.lines) {
    yield csvLine([
      `${sale.cancelled ? 'C' : ''}${invoice}`,
      line.stockCode,
      line.description,
      String(line.quantity),
      `${day} ${sale.time}`,
      line.unitPrice,
      sale.customer === undefined ? '' : String(sale.customer),
      countryOf(sale.customer),
    ]);
  }
}

/** The lines that go wrong in careless pipelines. Every day of the sample has each of them. */
import { regular, silent } from './people.ts';
import type { Sale } from './sale.ts';

interface Oddity {
  readonly description?: string;
  readonly quantity?: number;
  readonly customer?: number | undefined;
  readonly unitPrice?: string;
  readonly cancelled?: boolean;
  readonly lines?: number;
}

/** Unless its kind says otherwise, an odd line has a customer and a quantity that count. */
const oddities: Readonly<Record<string, Oddity>> = {
  cancellation: { cancelled: true, quantity: -6 },
  'no customer': { customer: undefined },
  'customer without a review': { customer: silent },
  'comma in quotes': { description: 'OVAL TRAY, GREEN' },
  'doubled quotes': { description: 'PICTURE FRAME 7" SQUARE' },
  'quotes around a comma': { description: '"HOME", A SIGN' },
  backslash: { description: 'LABEL BLACK\\WHITE' },
  'backslash before the closing quote': { description: 'SHELF, SIZE 6\\' },
  'not ASCII': { description: 'CAFÉ SIGN "SCHÖN", £5 OFF' },
  'no description': { description: '', unitPrice: '0', customer: undefined },
  'blanks around': { description: ' WICKER BASKET ' },
  'quantity at the limit': { quantity: 2 },
  'quantity just above the limit': { quantity: 3 },
  'a tenth of a penny': { unitPrice: '0.125' },
  'the same line twice': { lines: 2 },
};

/** One sale a kind, some minutes apart, and one at the first and one at the last second of the day. */
export function oddSales(): Sale[] {
  const edges = ['00:00:00', '23:59:59'].map((time) => sale({}, 0, time));
  return [
    ...edges,
    ...Object.values(oddities).map((oddity, index) =>
      sale(oddity, index + 1, `12:${String(10 + index)}:00`),
    ),
  ];
}

function sale(oddity: Oddity, index: number, time: string): Sale {
  const line = {
    stockCode: String(90_001 + index),
    description: oddity.description ?? 'GARDEN TWINE',
    unitPrice: oddity.unitPrice ?? '1.25',
    quantity: oddity.quantity ?? 4,
  };
  return {
    time,
    customer: 'customer' in oddity ? oddity.customer : regular,
    cancelled: oddity.cancelled ?? false,
    lines: Array.from({ length: oddity.lines ?? 1 }, () => line),
  };
}

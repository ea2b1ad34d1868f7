/** Lines that careless pipelines mishandle. Every day of the sample has each kind. */
import { dailyBuyer, nonReviewer } from './customers.ts';
import type { Sale } from './sale.ts';

interface EdgeCase {
  readonly description?: string;
  readonly quantity?: number;
  readonly customer?: number | undefined;
  readonly unitPrice?: string;
  readonly cancelled?: boolean;
  readonly lines?: number;
}

/** Unless it says otherwise, an edge case has a customer and a quantity that count in the metric. */
const edgeCases: Readonly<Record<string, EdgeCase>> = {
  cancellation: { cancelled: true, quantity: -6 },
  'no customer': { customer: undefined },
  'customer without a review': { customer: nonReviewer },
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

/** One sale of each kind, a minute apart, plus one in the first and one in the last second of the day. */
export function edgeCaseSales(): Sale[] {
  const edges = ['00:00:00', '23:59:59'].map((time) => sale({}, 0, time));
  return [
    ...edges,
    ...Object.values(edgeCases).map((edgeCase, index) =>
      sale(edgeCase, index + 1, `12:${String(10 + index)}:00`),
    ),
  ];
}

function sale(edgeCase: EdgeCase, index: number, time: string): Sale {
  const line = {
    stockCode: String(90_001 + index),
    description: edgeCase.description ?? 'GARDEN TWINE',
    unitPrice: edgeCase.unitPrice ?? '1.25',
    quantity: edgeCase.quantity ?? 4,
  };
  return {
    time,
    customer: 'customer' in edgeCase ? edgeCase.customer : dailyBuyer,
    cancelled: edgeCase.cancelled ?? false,
    lines: Array.from({ length: edgeCase.lines ?? 1 }, () => line),
  };
}

/** What is measured of each store, and how. */

/** The same purchases, stored in one way. */
export interface Store {
  readonly name: string;
  /** Bytes of all rows. */
  readonly bytes: number;
  /** The sum by country: few columns of all rows. Returns what it found, to be compared. */
  readonly sumByCountry: () => Promise<string>;
  /** Bytes that sumByCountry reads. */
  readonly bytesOfSum: number;
  /** One invoice: all columns of few rows. */
  readonly oneInvoice: () => Promise<string>;
  /** Changes the price of one purchase; in a file those of its invoice, because all of it is written again anyway. */
  readonly correctOne: () => Promise<void>;
}

/** Milliseconds of the middle of five runs, after one that is not counted. */
export async function middleOfFive(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[2] ?? 0;
}

/** The invoice of the middle of the purchases, so that no store has it at an end. */
export const invoiceOf = (rows: number): string => String(Math.floor(rows / 40));

export const sumQuery = (purchases: string): string =>
  `select country, sum(quantity * unit_price) as spent from ${purchases} group by country order by country`;

export const invoiceQuery = (purchases: string, rows: number): string =>
  `select * from ${purchases} where invoice_number = '${invoiceOf(rows)}'`;

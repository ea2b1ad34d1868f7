import { Failure } from '@user-behaviour/shared/failure';
import { extractedColumns } from '@user-behaviour/source/extracted-columns';
import { csvRow } from '@user-behaviour/source/test/copy-text';
import { describe, expect, it } from 'vitest';
import { queryFiles } from '../../../test/parquet-files.ts';
import { encodeParquet } from './encode-parquet.ts';
import type { GroupLimits } from './purchase-columns.ts';

const header = `${extractedColumns.join(',')}\n`;
const purchase = {
  invoice_number: '536365' as string | null,
  stock_code: '85123A' as string | null,
  detail: 'a thing' as string | null,
  quantity: '6',
  invoice_date: '2010-12-01 08:26:00',
  unit_price: '2.55',
  customer_id: '17850' as string | null,
  country: 'United Kingdom' as string | null,
};
type Purchase = typeof purchase;

const rowOf = (given: Partial<Purchase>): string => {
  const row = { ...purchase, ...given };
  return csvRow(extractedColumns.map((name) => row[name]));
};

/** Whole rows, as the buffers of a connection hold them: the header and so many rows, then so many rows each. */
async function* inChunks(
  rows: readonly Partial<Purchase>[],
  size: number,
): AsyncGenerator<Uint8Array> {
  const texts = [header, ...rows.map(rowOf)];
  for (let at = 0; at < texts.length; at += size) {
    yield await Promise.resolve(Buffer.from(texts.slice(at, at + size).join('')));
  }
}

async function encoded(
  chunks: AsyncIterable<Uint8Array>,
  rows: number,
  limits?: GroupLimits,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of encodeParquet(chunks, () => rows, limits)) parts.push(part);
  return Buffer.concat(parts);
}

/** Encodes the rows and asks DuckDB about the file. */
async function query(
  rows: readonly Partial<Purchase>[],
  sql: string,
  limits?: GroupLimits,
): Promise<unknown[]> {
  const file = await encoded(inChunks(rows, 3), rows.length, limits);
  return queryFiles({ 'p.parquet': file }, sql.replaceAll('FILE', "'p.parquet'"));
}

const texts = `select ${extractedColumns.map((name) => `cast(${name} as varchar)`).join(', ')} from FILE`;

describe('a Parquet file of purchases', () => {
  it('has the types of the external table, pages of version 1 and Snappy', async () => {
    const types = await query([{}], 'describe select * from FILE');
    expect(types.map((row) => (row as unknown[]).slice(0, 2))).toEqual([
      ['invoice_number', 'VARCHAR'],
      ['stock_code', 'VARCHAR'],
      ['detail', 'VARCHAR'],
      ['quantity', 'INTEGER'],
      ['invoice_date', 'TIMESTAMP'],
      ['unit_price', 'DECIMAL(18,5)'],
      ['customer_id', 'INTEGER'],
      ['country', 'VARCHAR'],
    ]);
    const chunks = 'select distinct compression, encodings from parquet_metadata(FILE)';
    for (const row of await query([{}, {}], chunks)) {
      const [compression, encodings] = row as [string, string];
      expect(compression).toBe('SNAPPY');
      // Version 2 would have DELTA encodings.
      expect(encodings).not.toContain('DELTA');
    }
  });

  it('tells null from the empty text', async () => {
    const rows = [
      { detail: null, country: '' },
      { detail: '', country: null, customer_id: null },
      { invoice_number: null, stock_code: '' },
    ];
    const sql = 'select detail, country, customer_id, invoice_number, stock_code from FILE';
    expect(await query(rows, sql)).toEqual([
      [null, '', 17850, '536365', '85123A'],
      ['', null, null, '536365', '85123A'],
      ['a thing', 'United Kingdom', 17850, null, ''],
    ]);
  });

  it('keeps every text as it is', async () => {
    const details = [
      'quotes "" and ", commas',
      '"',
      ' blanks ',
      'a\nline\r\nbreak',
      'NULL',
      '\\N',
      'é ü ß 漢字 🛒',
      '\u0001\ttab',
      'x'.repeat(4_000),
      '漢'.repeat(1_333),
    ];
    const rows = details.map((detail) => ({ detail }));
    expect(await query(rows, 'select detail from FILE')).toEqual(details.map((text) => [text]));
  });

  it.each([
    ['9999999999999.99999', '9999999999999.99999'],
    ['-9999999999999.99999', '-9999999999999.99999'],
    ['9007199254740.99301', '9007199254740.99301'],
    ['4294967296', '4294967296.00000'],
    ['-42949.67296', '-42949.67296'],
    ['-0.00001', '-0.00001'],
    ['0', '0.00000'],
    ['2.5', '2.50000'],
    ['2.550000000', '2.55000'],
  ])('keeps the price %s exactly', async (unit_price, expected) => {
    expect(await query([{ unit_price }], 'select cast(unit_price as varchar) from FILE')).toEqual([
      [expected],
    ]);
  });

  it.each([
    ['2010-12-01 00:00:00', '2010-12-01 00:00:00'],
    ['2010-12-01 23:59:59.999999', '2010-12-01 23:59:59.999999'],
    ['2010-12-01 08:26:00.25', '2010-12-01 08:26:00.25'],
    ['2010-12-01 08:26:00.000001', '2010-12-01 08:26:00.000001'],
    ['9999-12-31 12:00:00.5', '9999-12-31 12:00:00.5'],
    ['1901-02-03 04:05:06.789', '1901-02-03 04:05:06.789'],
  ])('keeps the time %s', async (invoice_date, expected) => {
    const sql = 'select cast(invoice_date as varchar) from FILE';
    expect(await query([{}, { invoice_date }], sql)).toEqual([['2010-12-01 08:26:00'], [expected]]);
  });

  it('keeps the largest and the smallest integers', async () => {
    const rows = [
      { quantity: '2147483647', customer_id: '-2147483648' },
      { quantity: '-2147483648', customer_id: '0' },
    ];
    expect(await query(rows, 'select quantity, customer_id from FILE')).toEqual([
      [2147483647, -2147483648],
      [-2147483648, 0],
    ]);
  });

  it('without purchases has the columns and no rows', async () => {
    expect(await query([], 'select count(*), count(detail) from FILE')).toEqual([[0n, 0n]]);
  });

  it('has row groups that end after so many rows, or so many bytes of text', async () => {
    const rows = Array.from({ length: 25 }, (_, n) => ({
      detail: n % 2 === 0 ? `row ${String(n)}` : null,
      quantity: String(n + 3),
    }));
    const groups = 'select row_group_num_rows from parquet_metadata(FILE) where column_id = 0';
    const sizes = async (limits: GroupLimits) => (await query(rows, groups, limits)).flat();
    expect(await sizes({ rows: 10, textBytes: 1_000_000 })).toEqual([10n, 10n, 5n]);
    const wide = rows.map(({ quantity }) => ({ detail: quantity.repeat(2_000).slice(0, 4_000) }));
    const ofWide = (await query(wide, groups, { rows: 100, textBytes: 8_000 })).flat() as bigint[];
    expect(ofWide.length).toBeGreaterThan(1);
    expect(ofWide.reduce((sum, count) => sum + count, 0n)).toBe(25n);
    expect(await query(rows, texts, { rows: 10, textBytes: 1_000_000 })).toEqual(
      rows.map((given) => {
        const row = { ...purchase, ...given, unit_price: '2.55000' };
        return extractedColumns.map((name) => row[name]);
      }),
    );
  });

  it('has equal bytes for any chunks, so that a rerun is recognised', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => ({ detail: `row ${String(n % 7)}` }));
    const limits = { rows: 32, textBytes: 1_000_000 };
    const files = await Promise.all(
      [1, 7, 32, 33, 200].map((size) => encoded(inChunks(rows, size), 100, limits)),
    );
    for (const file of files) expect(file.equals(files[0] ?? file)).toBe(true);
  });
});

describe('the encoding as Parquet', () => {
  it('throws the error of its source, and then encodes the next file', async () => {
    const failure = new Failure('transient', 'the connection was lost');
    const failing = async function* (chunks: number) {
      for await (const chunk of inChunks([{}, {}], 1)) {
        chunks -= 1;
        if (chunks < 0) throw failure;
        yield chunk;
      }
    };
    for (const chunks of [0, 1, 2]) {
      await expect(encoded(failing(chunks), 2)).rejects.toBe(failure);
    }
    expect(await encoded(inChunks([{}], 1), 1)).not.toHaveLength(0);
  });

  it('ends when the reader stops early, even if no further chunk ever comes', async () => {
    let released = false;
    const many = Array.from({ length: 100 }, (_, n) => ({ detail: `row ${String(n)}` }));
    const endless = async function* () {
      try {
        yield* inChunks(many, 200);
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield Buffer.alloc(0);
      } finally {
        released = true;
      }
    };
    const limits = { rows: 10, textBytes: 1_000_000 };
    for await (const part of encodeParquet(endless(), () => 100, limits)) {
      if (part.length > 0) break;
    }
    await expect.poll(() => released).toBe(true);
  });

  it('refuses a file with another number of rows than were read', async () => {
    await expect(encoded(inChunks([{}, {}], 1), 3)).rejects.toMatchObject({
      kind: 'bug',
      message: expect.stringContaining('2 rows were written to Parquet, expected the 3') as string,
    });
  });

  it.each([
    ['quantity', '2147483648', 'an integer of 4 bytes'],
    ['quantity', '1.5', 'an integer of 4 bytes'],
    ['customer_id', '-2147483649', 'an integer of 4 bytes'],
    ['unit_price', 'NaN', 'a number with at most 18 digits'],
    ['unit_price', '10000000000000', 'a number with at most 18 digits'],
    ['unit_price', '1.000001', 'a number with at most 18 digits'],
    ['invoice_date', '01/12/2010 08:26', 'a time such as'],
    ['invoice_date', '2010-12-01 08:26:00.1234567', 'a time such as'],
    ['invoice_date', 'infinity', 'a time such as'],
  ] as const)('refuses %s %s, without naming the value', async (name, value, expected) => {
    const error: unknown = await encoded(inChunks([{ [name]: value }], 9), 1).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ kind: 'bug' });
    expect(String(error)).toContain(expected);
    expect(String(error)).not.toContain(value);
  });
});

/** Any result of the ledger's query is read or rejected as wrong data. */
import { namedRows, readPage } from '@user-behaviour/redshift-load/data-api/result';
import { daysFrom, isDs, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { operatorConfiguration } from '../config.ts';
import { parseLedger, readLedger } from './ledger.ts';
import { formatTable } from '../table.ts';
import { queryWarehouse } from './warehouse-query.ts';

vi.mock('./warehouse-query.ts', { spy: true });

type Page = Parameters<typeof readPage>[0];

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
const row = {
  ds: '2010-12-01 00:00:00',
  purchases_run: 'p',
  reviews_run: 'r',
  metric_rows: '82',
  amount_spent: '28931.63000',
  min_quantity: '2',
  loaded_at: '2026-11-23',
  whole: '1',
};
const names = Object.keys(row).map((name) => ({ name }));
const ledgerRow = fc.tuple(text, text, text, number, number, number, text, number);
const page = fc.oneof(
  fc.record({
    ColumnMetadata: fc.constant(names),
    Records: fc.array(ledgerRow, { minLength: 1, maxLength: 2 }),
  }),
  fc.record(
    {
      ColumnMetadata: fc.array(fc.record({ name: fc.string() }, { requiredKeys: [] })),
      Records: fc.array(fc.array(fc.oneof(number, text, odd), { maxLength: 10 }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
) as fc.Arbitrary<Page>;

function parsed(found: Page): ReturnType<typeof parseLedger> {
  try {
    return parseLedger(namedRows(readPage(found)));
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'data' });
    return new Map();
  }
}

it('the ledger is read as a whole or rejected', () => {
  let read = 0;
  fc.assert(
    fc.property(page, (found) => {
      for (const [ds, { rows, amountSpent, minQuantity }] of parsed(found)) {
        read += 1;
        expect(isDs(ds)).toBe(true);
        expect([rows, Number(amountSpent), minQuantity].every(Number.isFinite)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  expect(read).toBeGreaterThan(0);
});

it('a row of the ledger is read, without the time of its day', () => {
  expect(parseLedger([row]).get(parseDs('2010-12-01'))).toEqual({
    purchasesRun: 'p',
    reviewsRun: 'r',
    rows: 82,
    amountSpent: '28931.63',
    minQuantity: 2,
    loadedAt: '2026-11-23',
    loadSql: null,
    completeUntil: null,
    whole: true,
  });
});

it('a row of the ledger has the SQL that loaded it', () => {
  const [loaded] = parseLedger([{ ...row, load_sql: 'aa' }]).values();
  expect(loaded?.loadSql).toBe('aa');
});

it.each(Object.keys(row))('a row without %s is rejected', (name) => {
  expect(() => parseLedger([{ ...row, [name]: undefined }])).toThrow(Failure);
});

it('the rows of any query are shown', () => {
  fc.assert(
    fc.property(page, (found) => {
      const { columns, rows } = readPage(found);
      expect(formatTable(columns, rows)).toEqual(expect.any(String));
    }),
  );
});

it('a look at many years compares the last 366 loaded days with the metric, and says so of the others', async () => {
  const table = (columns: readonly string[], rows: readonly (readonly string[])[]) =>
    Promise.resolve({ columns, types: [], rows });
  const days = daysFrom(parseDs('2010-12-01'), parseDs('2020-11-30'));
  const asked: { readonly name: string; readonly first: string }[] = [];
  vi.mocked(queryWarehouse).mockImplementation((_configuration, { name }, parameters = {}) => {
    if (name === 'metric_tables') {
      const tables = ['user_behavior_metric', 'user_behavior_metric_load'];
      return table(
        ['table_name', 'column_name', 'data_type'],
        tables.map((one) => [one, 'ds', 'date']),
      );
    }
    const first = String(parameters['first_ds']);
    asked.push({ name, first });
    return table(
      Object.keys(row),
      days.filter((ds) => ds >= first).map((ds) => Object.values({ ...row, ds })),
    );
  });
  const env = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1', REDSHIFT_DATABASE: 'dev' };
  const configuration = operatorConfiguration(env);
  const ledger = await readLedger(configuration, { from: days[0], to: days.at(-1) });
  expect(ledger.size).toBe(days.length);
  const compared = [...ledger].filter(([, one]) => one.notCompared === undefined);
  expect(compared.map(([ds]) => ds)).toEqual(days.slice(-366));
  expect(asked.map(({ first }) => first)).toEqual([days[0], days.at(-366)]);
});

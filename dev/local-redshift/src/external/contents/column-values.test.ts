import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnFunctions, columnValues, type ValueContext } from './column-values.ts';
import { dataHandling } from './data-handling.ts';
import { readType } from '../external-types.ts';
import { registerScriptFunctions } from '../../dialect/script-functions.ts';
import { functionDefinitions } from '../../sql/functions.ts';
import { tokenize } from '../../sql/sql-tokens.ts';
import { TokenCursor } from '../../sql/token-cursor.ts';
import { toWarehouseError } from '../../warehouse/duckdb-errors.ts';

let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  registerScriptFunctions(connection);
  for (const sql of [...functionDefinitions, ...columnFunctions]) await connection.run(sql);
});
afterAll(() => {
  connection.closeSync();
});

/** The values of a row whose columns have these types. */
async function read(
  format: ValueContext['format'],
  types: readonly string[],
  texts: readonly (string | null)[],
  properties: Readonly<Record<string, string>> = {},
): Promise<unknown[]> {
  const sources = types.map((type, index) => ({
    column: { name: `c${index}`, type: readType(new TokenCursor(tokenize(type))) },
    raw: `d.c${index}`,
  }));
  const handling = dataHandling({ data_cleansing_enabled: 'true', ...properties });
  const values = columnValues(sources, { format, handling, file: "'s3://b/f'" });
  const raw = texts.map((_, index) => `cast($${index + 1} as varchar) as c${index}`);
  const sql = `select ${values.join(', ')} from (select ${raw.join(', ')}) as d`;
  try {
    const reader = await connection.runAndReadAll(sql, [...texts]);
    return reader.getRowsJson()[0] ?? [];
  } catch (error) {
    throw toWarehouseError(error);
  }
}

type Case = readonly [type: string, text: string, value: unknown];

describe('a DELIMITED file', () => {
  const cases: readonly Case[] = [
    ['int', '5', 5],
    ['int', ' -5 ', -5],
    ['int', '1.5', null],
    ['int', '1e3', null],
    ['int', 'BIG"', null],
    ['int', '', null],
    ['smallint', '34595', 32_767],
    ['smallint', '-99999', -32_768],
    ['int', '2147483648', 2_147_483_647],
    ['bigint', '9223372036854775808', '9223372036854775807'],
    ['decimal(6,2)', '12.345', '12.35'],
    ['decimal(6,2)', '12345.6', null],
    ['double precision', '1e3', 1000],
    ['boolean', 'TRUE', true],
    ['boolean', 'maybe', null],
    ['date', '05-01-2017', '2017-05-01'],
    ['date', '2017-05-01', '2017-05-01'],
    ['date', 'may-01-2017', '2017-05-01'],
    ['date', '01-May-2017', '2017-05-01'],
    ['date', '2017-may-01', '2017-05-01'],
    ['date', '05-01-17', '2017-05-01'],
    ['date', '05-01-89', '1989-05-01'],
    ['date', '17287', null],
    ['date', '2017-13-01', null],
    ['date', '2010-12-01 08:26:00', null],
    ['timestamp', '2017-05-01 11:30:59.000000', '2017-05-01 11:30:59'],
    ['timestamp', '2017-05-01 11:30:59', '2017-05-01 11:30:59'],
    ['timestamp', '2017-05-01T11:30:59', null],
    ['timestamp', '2017-05-01', null],
    ['varchar(5)', 'äöü', 'äö'],
    ['char(2)', 'abc', 'ab'],
  ];
  it.each(cases)('%s from "%s": %s', async (type, text, value) => {
    expect(await read('delimited', [type], [text])).toEqual([value]);
  });

  it('has NULL for NULL', async () => {
    const types = ['int', 'date', 'varchar(3)', 'decimal'];
    expect(await read('delimited', types, [null, null, null, null])).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('a file of the OpenCSV SerDe', () => {
  const cases: readonly Case[] = [
    ['int', ' 5 ', 5],
    ['date', '17287', '2017-05-01'],
    ['date', '2017-05-01', '2017-05-01'],
    ['timestamp', '1493638259000', '2017-05-01 11:30:59'],
    ['timestamp', '2017-05-01 11:30:59.5', '2017-05-01 11:30:59.5'],
    ['boolean', 'false', false],
    ['varchar(3)', '', ''],
  ];
  it.each(cases)('%s from "%s": %s', async (type, text, value) => {
    expect(await read('opencsv', [type], [text])).toEqual([value]);
  });

  it.each([
    ['int', ''],
    ['int', 'x'],
    ['int', '1.5'],
    ['smallint', '34595'],
    ['decimal(6,2)', '12345.6'],
    ['date', '2010/12/01'],
    ['timestamp', ''],
    ['boolean', 'maybe'],
  ])('%s from "%s" is an error with the file', async (type, text) => {
    await expect(read('opencsv', [type], [text])).rejects.toMatchObject({
      message: 'Spectrum Scan Error',
      detail: expect.stringMatching(
        /code: {6}15007\n.*Invalid value for column 'c0' of type .*File name: s3:\/\/b\/f\n/,
      ) as string,
    });
  });
});

describe('the table properties', () => {
  const two = ['varchar(3)', 'smallint'];
  const cases: readonly (readonly [string, string, unknown[] | RegExp])[] = [
    ['surplus_char_handling', 'DISABLED', ['abc', 32_767]],
    ['surplus_char_handling', 'TRUNCATE', ['abc', 32_767]],
    ['surplus_char_handling', 'SET_TO_NULL', [null, 32_767]],
    ['surplus_char_handling', 'DROP_ROW', [null, null]],
    ['surplus_char_handling', 'FAIL', /length of the data column c0 is longer .* Table: 3/],
    ['numeric_overflow_handling', 'DISABLED', ['abc', 32_767]],
    ['numeric_overflow_handling', 'SET_TO_NULL', ['abc', null]],
    ['numeric_overflow_handling', 'DROP_ROW', [null, null]],
    ['numeric_overflow_handling', 'FAIL', /Numeric overflow in column 'c1' of type smallint/],
  ];
  it.each(cases)('%s = %s', async (property, action, expected) => {
    const value = read('delimited', two, ['abcd', '34595'], { [property]: action });
    if (expected instanceof RegExp) {
      await expect(value).rejects.toMatchObject({
        detail: expect.stringMatching(expected) as string,
      });
    } else expect(await value).toEqual(expected);
  });

  it('leave a row alone whose values fit', async () => {
    const all = { surplus_char_handling: 'DROP_ROW', numeric_overflow_handling: 'DROP_ROW' };
    expect(await read('delimited', two, ['abc', '5'], all)).toEqual(['abc', 5]);
    expect(await read('delimited', two, [null, 'x'], all)).toEqual([null, null]);
    expect(await read('delimited', two, ['abc', 'x'], all)).toEqual(['abc', null]);
  });

  it('apply to the text of Parquet', async () => {
    expect(await read('parquet', ['varchar(3)'], ['abcd'])).toEqual(['abc']);
    const properties = { surplus_char_handling: 'SET_TO_NULL' };
    expect(await read('parquet', ['varchar(3)'], ['abcd'], properties)).toEqual([null]);
  });
});

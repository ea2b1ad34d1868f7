import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { registerScriptFunctions } from '../dialect/script-functions.ts';
import { functionDefinitions } from './functions.ts';

async function evaluate(expression: string, from = ''): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:', { integer_division: 'true' });
  const connection = await instance.connect();
  registerScriptFunctions(connection);
  for (const definition of functionDefinitions) await connection.run(definition);
  const reader = await connection.runAndReadAll(`select ${expression} ${from}`);
  const row = reader.getRowsJson().flat().map(String);
  return `${row.join(',')} ${reader.columnTypes().join(',')}`;
}

const numbers = (type: string) => `from (values (1::${type}), (2::${type}), (4::${type})) as t(x)`;

describe('the macros of the warehouse', () => {
  it.each([
    ["rs_int(' 12 ')", '12 INTEGER'],
    ['rs_int(1.7)', '2 INTEGER'],
    ["rs_bigint('-5')", '-5 BIGINT'],
    ['rs_int(null)', 'null INTEGER'],
    ['7 / rs_divisor(2)', '3 INTEGER'],
    ['7 % rs_divisor(4)', '3 INTEGER'],
    ["rs_varchar('äöü', 3)", 'ä VARCHAR'],
    ["rs_varchar('abc', 3)", 'abc VARCHAR'],
    ['rs_trunc(2.7)', '2 DECIMAL(2,0)'],
    ["rs_trunc(timestamp '2010-12-01 10:00:00')", '2010-12-01 DATE'],
    ["rs_dateadd_days(-1, '2010-12-01')", '2010-11-30 00:00:00 TIMESTAMP'],
    ["rs_dateadd_months(1, date '2010-01-31')", '2010-02-28 00:00:00 TIMESTAMP'],
    ["rs_dateadd_quarters(2, date '2010-01-01')", '2010-07-01 00:00:00 TIMESTAMP'],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression)).toBe(expected);
  });

  it.each([
    ['rs_sum(x)', 'smallint', '7 BIGINT'],
    ['rs_sum(x)', 'integer', '7 BIGINT'],
    ['rs_sum(x)', 'bigint', '7 DECIMAL(38,0)'],
    ['rs_sum(x)', 'decimal(8,3)', '7.000 DECIMAL(38,3)'],
    ['rs_sum(x)', 'double', '7 DOUBLE'],
    ['rs_avg(x)', 'integer', '2 BIGINT'],
    ['rs_sum(x) / rs_divisor(count(*))', 'integer', '2 BIGINT'],
  ])('%s of %s', async (expression, type, expected) => {
    expect(await evaluate(expression, numbers(type))).toBe(expected);
  });

  it.each([
    ["rs_int('1.5')", 'rs:invalid-digit:Integer:1.5'],
    ["rs_int('1e3')", 'rs:invalid-digit:Integer:1e3'],
    ["rs_bigint('')", 'rs:invalid-digit:Bigint:'],
    ['1 / rs_divisor(0)', 'rs:divide-by-zero'],
    ["rs_int(case when count(*) = 0 then '0' else 'audit' end)", 'rs:invalid-digit:Integer:audit'],
  ])('%s is an error', async (expression, message) => {
    await expect(evaluate(expression, numbers('integer'))).rejects.toThrow(message);
  });
});

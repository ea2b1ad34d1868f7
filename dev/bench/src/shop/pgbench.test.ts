import { expect, it } from 'vitest';
import { parseShopLoad } from './pgbench.ts';

const output = `transaction type: transaction.sql
number of transactions actually processed: 200
latency average = 1.0 ms
tps = 1999.500000 (including connections establishing)
tps = 2011.250000 (excluding connections establishing)
`;
const log = Array.from({ length: 200 }, (_, n) => `0 ${n} ${(200 - n) * 1_000} 0 1700000000 ${n}`);

it('takes the rate without the time to connect, and the time that 99 % of the transactions need', () => {
  expect(parseShopLoad(output, `${log.join('\n')}\n`)).toEqual({
    tps: 2011.25,
    transactions: 200,
    p99: 198,
  });
});

it.each([
  ['no rate', 'pgbench: error', log.join('\n')],
  ['no transactions', output, ''],
  ['another log', output, '0 1 failed 0 1700000000 5'],
])('refuses %s', (_, printed, logged) => {
  expect(() => parseShopLoad(printed, logged)).toThrow(/pgbench printed something else/);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCustomer } from './customer.ts';
import { holdsCustomer } from './customer-in-file.ts';

const header =
  'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country';

/** In chunks of a few bytes, so that lines and quotes are cut anywhere. */
async function* chunks(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}
const holds = (text: string, customer = '17850', size = 7) =>
  holdsCustomer(chunks(text, size), customer);

describe('a customer', () => {
  it.each([
    ['17850', '17850'],
    [' 0017850', '17850'],
    ['4000000000', '4000000000'],
    ['0', '0'],
    ['000', '0'],
    ['-05', '-5'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
  ])('may be typed as %j', (text, customer) => {
    expect(parseCustomer(text, '--customer')).toBe(customer);
  });

  it.each(['', '-', '-0', '--5', '17850x', '1.5', '9223372036854775808', "1' or '1'='1"])(
    'may not be typed as %j',
    (text) => {
      expect(() => parseCustomer(text, 'CUSTOMER')).toThrow(
        'CUSTOMER must be the id of a customer',
      );
    },
  );
});

describe('a file of purchases', () => {
  it('holds the customer if a row has it in its column, whatever the other columns hold', async () => {
    const text = fc.string().map((value) => `"${value.replaceAll('"', '""')}"`);
    const row = fc.record({
      detail: fc.oneof(
        text,
        fc.constantFrom('"a ""17850"", b"', '"x\n17850,17850,17850\n"', '17850'),
      ),
      customer: fc.constantFrom('17850', '178501', '7850', '', '117850'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 40 }), async (rows, size) => {
        const lines = rows.map(
          ({ detail, customer }) => `17850,17850,${detail},17850,2010-12-01,17850,${customer},UK`,
        );
        const file = [header, ...lines, ''].join('\n');
        const expected = rows.some(({ customer }) => customer === '17850');
        expect(await holds(file, '17850', size)).toBe(expected);
      }),
    );
  });
});

describe('a file of reviews', () => {
  it.each([
    ['17850,good', true],
    ['0017850,good', true],
    ['"17850",good', true],
    [' 17850 ,good', true],
    ['"17850 good', true],
    ['17850;good', true],
    ['17850', true],
    ['178501,good', false],
    ['117850,good', false],
    ['13047,as 17850 said', false],
    ['17850x,good', false],
    ['line_too_long:2000006:17850,xxxx', true],
    ['line_too_long:2000006:"0017850",xxxx', true],
    ['line_too_long:17850:13047,xxxx', false],
    ['\u00a017850,good', true],
    ['17850\u00a0,good', true],
    ['\ufeff17850,good', true],
    ['é17850,good', false],
    ['\uFEFF17850,good', true],
    ['\u00A0"17850\u00A0",good', true],
    [',17850 is good', false],
    ['"",17850 is good', false],
  ])('holds the customer: %s, %s', async (line, expected) => {
    expect(await holds(`cid,review_str\n1,bad\n${line}\n`)).toBe(expected);
    expect(await holds(`cid,review_str\r\n1,bad\r\n${line}`)).toBe(expected);
  });
});

describe('a customer whose id is zero or negative', () => {
  it.each([
    ['0', '0', true],
    ['0', '000', true],
    ['0', '', false],
    ['0', '10', false],
    ['-5', '-5', true],
    ['-5', '5', false],
    ['5', '-5', false],
  ])('%s is not confused with another id: %j, %s', async (customer, cid, expected) => {
    expect(await holds(`cid,review_str\n${cid},good\n`, customer)).toBe(expected);
    const purchase = `1,2,a,3,2010-12-01,4,${cid},UK`;
    expect(await holds(`${header}\n${purchase}\n`, customer)).toBe(expected);
    const reject = JSON.stringify({ customer_id: cid });
    expect(await holds(`${reject}\n`, customer)).toBe(expected);
  });

  it('is found with zeros after the sign', async () => {
    expect(await holds('cid,review_str\n-005,good\n', '-5')).toBe(true);
  });
});

describe('a file of rejects', () => {
  it.each([
    [{ line: '17850,"open', reason: 'bad_quotes' }, true],
    [{ line: '13047,17850', reason: 'bad_quotes' }, false],
    [{ line: 'line_too_long:2000006:17850,xxxx', reason: 'line_too_long' }, true],
    [{ line: '\u00a017850,good', reason: 'bad_cid' }, true],
    [{ customer_id: '17850', reason: 'bad_price' }, true],
    [{ reason: 'bad_quotes' }, false],
  ])('holds the customer: %j, %s', async (reject, expected) => {
    expect(await holds(`{"reason":"x"}\n${JSON.stringify(reject)}\n`)).toBe(expected);
  });

  it('counts a line that was cut off if the id is in it', async () => {
    expect(await holds('{"line":"17850,"op')).toBe(true);
  });
});

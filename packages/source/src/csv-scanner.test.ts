import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRow, type Field, message, wireRow } from '../test/copy-text.ts';
import { CsvScanner, stopReasons } from './csv-scanner.ts';

const outputBytes = 4 * 1024 * 1024;
const scanner = await CsvScanner.create(outputBytes, { hashesRecords: true });
const limit = scanner.outputStart + outputBytes;

/** Returns the CSV of the input, which is passed in chunks of these lengths and a last one for the rest. */
function toCsv(input: Buffer, lengths: readonly number[] = []): string {
  let target = scanner.outputStart;
  let rest = input;
  for (const length of [...lengths, input.length]) {
    scanner.addInput(rest.subarray(0, length));
    rest = rest.subarray(length);
    expect(scanner.scan(target, limit)).toBe(stopReasons.needsInput);
    target = scanner.outputEnd;
  }
  expect(scanner.takeRemainingInput()).toHaveLength(0);
  return scanner.memory.toString('utf8', scanner.outputStart, target);
}

const wire = (rows: readonly Field[][]) => Buffer.concat(rows.map(wireRow));

/** Mostly the bytes that the scanner treats specially, and enough others to cross its 16-byte blocks. */
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(null, '', '\\.', '\\N', 'NULL', '"', ',', 'WHITE HANGING HEART T-LIGHT HOLDER'),
  fc.string({
    unit: fc.constantFrom(...Array.from('abN.\\",\n\r\t\b\f\v \u0001é茶😀')),
    maxLength: 40,
  }),
  fc
    .string({ unit: 'binary', maxLength: 20 })
    .map((text) => text.replaceAll('\0', '').toWellFormed()),
);
const rowsWith = (columns: number) =>
  fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { maxLength: 12 });

describe('scan', () => {
  it("converts any rows in COPY's text format to PostgreSQL's CSV", () => {
    const anyRows = fc.integer({ min: 1, max: 9 }).chain(rowsWith);
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(toCsv(wire(rows))).toBe(rows.map(csvRow).join(''));
      }),
      { numRuns: 2_000 },
    );
  });

  it('accepts input that is split at any byte', () => {
    const rows: Field[][] = [
      ['536365', 'say "hi", twice', null, '', '6\n7', '\\.', '2.550', 'United Kingdom'],
      [null, null, 'Müller 茶 😀', 'a\\b', ',', '"', '\t', ''],
    ];
    const input = wire(rows);
    const csv = rows.map(csvRow).join('');
    for (let cut = 0; cut <= input.length; cut += 1) expect(toCsv(input, [cut])).toBe(csv);
    const singleBytes = Array.from(input, () => 1);
    expect(toCsv(input, singleBytes)).toBe(csv);
  });

  it.each([
    [['\\.'], '"\\."\n'],
    [['\\.', 'x'], '\\.,x\n'],
    [['x', '\\.'], 'x,\\.\n'],
    [[''], '""\n'],
    [[null], '\n'],
    [['', ''], '"",""\n'],
    [[null, ''], ',""\n'],
    [['', null], '"",\n'],
    [['\\N'], '\\N\n'],
  ])('converts the row %j as PostgreSQL does', (row: Field[], csv) => {
    expect(toCsv(wireRow(row))).toBe(csv);
    expect(csvRow(row)).toBe(csv);
  });

  it('stops before a row that might not fit into the output', () => {
    const rows = Array.from({ length: 50 }, (_, n) => [String(n), '"'.repeat(n), null]);
    let csv = '';
    scanner.addInput(wire(rows));
    for (let reason: number = stopReasons.outputFull; reason === stopReasons.outputFull;) {
      reason = scanner.scan(scanner.outputStart, scanner.outputStart + 400);
      expect(scanner.outputEnd).toBeLessThanOrEqual(scanner.outputStart + 400);
      csv += scanner.memory.toString('utf8', scanner.outputStart, scanner.outputEnd);
    }
    expect(csv).toBe(rows.map(csvRow).join(''));
  });

  it('counts the rows and adds up their hashes, whatever their order', () => {
    const rowsBefore = scanner.rowCount;
    const hashSumOf = (rows: Field[][]) => {
      const before = scanner.hashSum;
      toCsv(wire(rows));
      return BigInt.asUintN(64, scanner.hashSum - before);
    };
    // XXH64 of "abc" and of "a", computed with the reference implementation.
    expect(hashSumOf([['abc']])).toBe(0x44bc2cf5ad770999n);
    expect(hashSumOf([['a']])).toBe(0xd24ec4f1a98c6e5bn);
    const [one, two] = [
      ['a'.repeat(100), 'b'],
      ['2010-12-01', null],
    ];
    expect(hashSumOf([one, two])).toBe(hashSumOf([two, one]));
    expect(hashSumOf([one, two])).not.toBe(hashSumOf([one, one]));
    expect(scanner.rowCount - rowsBefore).toBe(10);
  });

  const detail = 'WHITE HANGING HEART T-LIGHT HOLDER';
  /** Rows, and their hashes as PostgreSQL 18.4 prints them. */
  const hashedRows: readonly [string, Field[]][] = [
    [
      'b12676cf1121dd4f',
      [
        ...['536365', '85123A', detail, '6', '2010-12-01 08:26:00', '2.550', '17850'],
        'United Kingdom',
      ],
    ],
    ['1042787dc9e42995', [null, null, null, null, '2010-12-01 00:00:00', null, null, null]],
    [
      'c05a6079641dc9f0',
      [
        ...['', '\\N', 'a\tb\nc\\d"e,f\r', '-2147483648', '1999-12-31 23:59:59.999999', '-0.001'],
        ...['-1', "Côte d'Ivoire 😀"],
      ],
    ],
    [
      'b928ea96e37a0951',
      [
        ...['123456789012', '1234', '12345678', '9007199254740993', '0001-01-01 00:00:00.1'],
        ...['NaN', '2147483647', '1234567890123'],
      ],
    ],
    ['1eb34905da3651e8', ['a', 'b', 'c', '1', '9999-12-31 23:59:59.5', '0', '0', '2000-02-29']],
  ];

  const recordSumOf = (rows: readonly Field[][]) => {
    const before = scanner.recordSum;
    toCsv(wire(rows), [7]);
    return BigInt.asUintN(64, scanner.recordSum - before);
  };

  it('adds up the hashes of the records as PostgreSQL does', () => {
    const unreadable = scanner.unreadableRows;
    for (const [hash, row] of hashedRows) expect(recordSumOf([row])).toBe(BigInt(`0x${hash}`));
    const all = hashedRows.reduce((sum, [hash]) => sum + BigInt(`0x${hash}`), 0n);
    expect(recordSumOf(hashedRows.map(([, row]) => row))).toBe(BigInt.asUintN(64, all));
    expect(scanner.unreadableRows).toBe(unreadable);
  });

  it('hashes a record alike whatever record precedes it', () => {
    const other = ['a reset', 'x', 'x', '0', '1999-01-01 00:00:00', '0', '123456', 'Nowhere'];
    const alone = (row: Field[]) => BigInt.asUintN(64, recordSumOf([other, row]) - sumOfOther);
    recordSumOf([other]);
    const sumOfOther = recordSumOf([other]);
    const ends = fc.constantFrom('', '0', '1', '2', '00', '01', '10', '0000', '0001');
    const text = fc
      .tuple(fc.constantFrom('', '1', 'abc', 'abcdefghijkl', 'abcdefghijklmnop'), ends)
      .map((parts) => parts.join(''));
    const number = fc
      .tuple(fc.constantFrom('1', '-1', '12345'), ends)
      .map((parts) => parts.join(''));
    const time = fc
      .tuple(fc.integer({ min: 10, max: 12 }), fc.constantFrom('00', '01'), ends)
      .map(([day, second, end]) => `2010-12-${String(day)} 08:26:${second}${end && `.${end}`}`);
    const orNull = (value: fc.Arbitrary<string>) =>
      fc.oneof({ weight: 5, arbitrary: value }, fc.constant(null));
    const record = fc
      .tuple(orNull(text), text, text, number, time, text, orNull(number), orNull(text))
      .map((row): Field[] => [...row]);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (rows) => {
        const expected = rows.reduce((sum, row) => sum + alone(row), 0n);
        expect(recordSumOf(rows)).toBe(BigInt.asUintN(64, expected));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not take a value that is no time for the one before it', () => {
    const [[, row] = ['', []]] = hashedRows;
    const wrong = row.with(4, '2010-12-01 08:26:0x');
    const unreadable = scanner.unreadableRows;
    toCsv(wire([wrong, wrong, row, wrong]));
    expect(scanner.unreadableRows).toBe(unreadable + 3);
  });

  it('has another sum if two records exchange any of their values', () => {
    const number = fc.integer().map(String);
    const values = fc.tuple(number, number, number, number, number, number, number, number);
    const record = fc.tuple(values, fc.integer({ min: 0, max: 59 })).map(([found, second]) => {
      const time = `2010-12-01 08:26:${String(second).padStart(2, '0')}`;
      return found.with(4, time);
    });
    fc.assert(
      fc.property(record, record, fc.integer({ min: 0, max: 7 }), (one, other, column) => {
        const [a = '', b = ''] = [one[column], other[column]];
        const exchanged = [one.with(column, b), other.with(column, a)];
        // Nothing changes if the values are equal, or all others.
        fc.pre(a !== b && exchanged[0]?.join() !== other.join());
        expect(recordSumOf(exchanged)).not.toBe(recordSumOf([one, other]));
      }),
    );
  });

  it.each([
    ['infinity', '2010-12-01 08:26:00', 'infinity'],
    ['a year of five digits', '2010-12-01 08:26:00', '10000-12-01 08:26:00'],
    ['a quantity that is no number', '6', '6.5'],
    ['another number of columns', 'United Kingdom', undefined],
  ])('counts a row with %s as no purchase of a day', (_what, value, other) => {
    const [sum, unreadable] = [scanner.recordSum, scanner.unreadableRows];
    const [[, row] = ['', []]] = hashedRows;
    const changed = row.flatMap((one) => (one === value ? (other ?? []) : [one]));
    toCsv(wire([changed]));
    expect([scanner.recordSum, scanner.unreadableRows]).toEqual([sum, unreadable + 1]);
  });

  it('stops at any other message and hands it out once it is complete', () => {
    const notice = message('N', 'SNOTICE\0');
    const input = Buffer.concat([wireRow(['a']), notice, wireRow(['b'])]);
    scanner.addInput(input.subarray(0, 13));
    expect(scanner.scan(scanner.outputStart, limit)).toBe(stopReasons.otherMessage);
    expect(scanner.takeMessage()).toBeUndefined();
    scanner.addInput(input.subarray(13));
    expect(scanner.takeMessage()).toEqual(notice);
    expect(toCsv(Buffer.alloc(0))).toBe('b\n');
  });

  it.each([message('d', ''), message('d', 'no line feed')])(
    'rejects a data message that is not a row: %j',
    (input) => {
      scanner.addInput(input);
      expect(scanner.scan(scanner.outputStart, limit)).toBe(stopReasons.invalidRow);
      scanner.takeRemainingInput();
    },
  );

  it('rejects a row that exceeds the size limit', () => {
    const input = wireRow(['x'.repeat(1024 ** 2)]);
    expect(() => {
      for (let at = 0; at < input.length; at += 65_536) {
        scanner.addInput(input.subarray(at, at + 65_536));
        scanner.scan(scanner.outputStart, limit);
      }
    }).toThrow('a row of retail.user_purchase is larger than 196608 bytes');
    scanner.takeRemainingInput();
  });
});

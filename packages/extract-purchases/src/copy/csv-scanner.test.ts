import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRow, type Field, message, wireRow } from '../../test/copy-text.ts';
import { CsvScanner, stops } from './csv-scanner.ts';

const room = 4 * 1024 * 1024;
const scanner = await CsvScanner.create(room);
const limit = scanner.outputAt + room;

/** The CSV of the input, given in pieces of the lengths. */
function scanned(input: Buffer, pieces: readonly number[] = []): string {
  let target = scanner.outputAt;
  let rest = input;
  for (const length of [...pieces, input.length]) {
    scanner.accept(rest.subarray(0, length));
    rest = rest.subarray(length);
    expect(scanner.scan(target, limit)).toBe(stops.moreInput);
    target = scanner.written;
  }
  expect(scanner.takeRest()).toHaveLength(0);
  return scanner.bytes.toString('utf8', scanner.outputAt, target);
}

const wire = (rows: readonly Field[][]) => Buffer.concat(rows.map(wireRow));

/** Mostly what the scanner looks out for, and enough beside it to cross its blocks of 16 bytes. */
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
const rows = (columns: number) =>
  fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { maxLength: 12 });

describe("COPY's text", () => {
  it("becomes PostgreSQL's CSV, whatever the rows hold", () => {
    const some = fc.integer({ min: 1, max: 9 }).chain(rows);
    fc.assert(
      fc.property(some, (all) => {
        expect(scanned(wire(all))).toBe(all.map(csvRow).join(''));
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be cut anywhere', () => {
    const all: Field[][] = [
      ['536365', 'say "hi", twice', null, '', '6\n7', '\\.', '2.550', 'United Kingdom'],
      [null, null, 'Müller 茶 😀', 'a\\b', ',', '"', '\t', ''],
    ];
    const input = wire(all);
    for (let cut = 0; cut <= input.length; cut += 1) {
      expect(scanned(input, [cut])).toBe(all.map(csvRow).join(''));
    }
    expect(
      scanned(
        input,
        Array.from(input, () => 1),
      ),
    ).toBe(all.map(csvRow).join(''));
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
  ])('%j is a row as in PostgreSQL', (row: Field[], csv) => {
    expect(scanned(wireRow(row))).toBe(csv);
    expect(csvRow(row)).toBe(csv);
  });

  it('is written only as far as there is surely room', () => {
    const all = Array.from({ length: 50 }, (_, n) => [String(n), '"'.repeat(n), null]);
    let csv = '';
    scanner.accept(wire(all));
    for (let stop: number = stops.outputFull; stop === stops.outputFull;) {
      stop = scanner.scan(scanner.outputAt, scanner.outputAt + 400);
      expect(scanner.written).toBeLessThanOrEqual(scanner.outputAt + 400);
      csv += scanner.bytes.toString('utf8', scanner.outputAt, scanner.written);
    }
    expect(csv).toBe(all.map(csvRow).join(''));
  });

  it('is counted, and its rows are hashed without regard to their order', () => {
    const before = { rows: scanner.rows, hashes: scanner.hashes };
    const hashOf = (all: Field[][]) => {
      const start = scanner.hashes;
      scanned(wire(all));
      return BigInt.asUintN(64, scanner.hashes - start);
    };
    // XXH64 of "abc" and of "a", by its reference implementation.
    expect(hashOf([['abc']])).toBe(0x44bc2cf5ad770999n);
    expect(hashOf([['a']])).toBe(0xd24ec4f1a98c6e5bn);
    const [one, two] = [
      ['a'.repeat(100), 'b'],
      ['2010-12-01', null],
    ];
    expect(hashOf([one, two])).toBe(hashOf([two, one]));
    expect(hashOf([one, two])).not.toBe(hashOf([one, one]));
    expect(scanner.rows - before.rows).toBe(10);
  });
});

describe('what is no row', () => {
  it('is left for others, once all of it is there', () => {
    const notice = message('N', 'SNOTICE\0');
    const input = Buffer.concat([wireRow(['a']), notice, wireRow(['b'])]);
    scanner.accept(input.subarray(0, 13));
    expect(scanner.scan(scanner.outputAt, limit)).toBe(stops.otherMessage);
    expect(scanner.takeMessage()).toBeUndefined();
    scanner.accept(input.subarray(13));
    expect(scanner.takeMessage()).toEqual(notice);
    expect(scanned(Buffer.alloc(0))).toBe('b\n');
  });

  it.each([message('d', ''), message('d', 'no line feed')])('is refused as a row: %j', (input) => {
    scanner.accept(input);
    expect(scanner.scan(scanner.outputAt, limit)).toBe(stops.noRow);
    scanner.takeRest();
  });

  it('is a row of a size that no purchase has', () => {
    const input = wireRow(['x'.repeat(1024 ** 2)]);
    expect(() => {
      for (let at = 0; at < input.length; at += 65_536) {
        scanner.accept(input.subarray(at, at + 65_536));
        scanner.scan(scanner.outputAt, limit);
      }
    }).toThrow('a row of the source is larger than 196608 bytes');
    scanner.takeRest();
  });
});

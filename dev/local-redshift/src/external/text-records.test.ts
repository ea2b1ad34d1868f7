import { describe, expect, it } from 'vitest';
import { canonicalRow, parseRow, splitRows, type TextFormat } from './text-records.ts';

const csv: TextFormat = {
  kind: 'opencsv',
  separator: ',',
  quote: '"',
  escape: '\\',
  wholeFile: false,
};
const noEscape: TextFormat = { ...csv, escape: '\u0001' };
const delimited: TextFormat = { kind: 'delimited', delimiter: ',', nullText: '\\N' };

describe('parseRow with the OpenCSV SerDe', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",c', ['say "hi"', 'c']],
    [',', ['', '']],
    ['"",x', ['', 'x']],
    ['a,bc"d"ef', ['a', 'bc"d"ef']],
    [String.raw`"a\"b",c`, ['a"b', 'c']],
    [String.raw`"a\\b",c`, [String.raw`a\b`, 'c']],
    [String.raw`"a\nb",c`, ['anb', 'c']],
    [String.raw`a\b,c`, ['ab', 'c']],
  ])('%s', (row, expected) => {
    expect(parseRow(row, csv, 2)).toEqual(expected);
  });

  it('keeps a backslash if another character is the escape character', () => {
    expect(parseRow(String.raw`"SIZE 6\",b`, noEscape, 2)).toEqual(['SIZE 6\\', 'b']);
    // The pitfall of the default: the backslash escapes the closing quote.
    expect(parseRow(String.raw`"SIZE 6\",b`, csv, 2)).toEqual([null, null]);
  });

  it('fills missing columns with NULL and drops surplus ones', () => {
    expect(parseRow('a', csv, 3)).toEqual(['a', null, null]);
    expect(parseRow('a,b,c', csv, 2)).toEqual(['a', 'b']);
  });
});

describe('parseRow of DELIMITED', () => {
  it('ignores quotes, which shifts the columns', () => {
    expect(parseRow('1,"BOX, BIG",2', delimited, 3)).toEqual(['1', '"BOX', ' BIG"']);
  });

  it('recognizes the text for NULL', () => {
    expect(parseRow(String.raw`\N,,x`, delimited, 3)).toEqual([null, '', 'x']);
  });
});

async function* pieces(...texts: string[]) {
  for (const text of texts) yield await Promise.resolve(text);
}

describe('splitRows', () => {
  it('ends rows at any line break, even one that is split between pieces', async () => {
    const rows = await Array.fromAsync(splitRows(pieces('a,b\r', '\nc', ',d\ne\rf'), csv));
    expect(rows).toEqual(['a,b', 'c,d', 'e', 'f']);
  });

  it('splits a quoted field at its newline, unless wholeFile is set', async () => {
    const text = '"a\nb",c\n"d ""x""\n\ny",e\n';
    expect(await Array.fromAsync(splitRows(pieces(text), csv))).toHaveLength(5);
    const whole: TextFormat = { ...csv, wholeFile: true };
    expect(await Array.fromAsync(splitRows(pieces(text), whole))).toEqual([
      '"a\nb",c',
      '"d ""x""\n\ny",e',
    ]);
  });
});

describe('canonicalRow', () => {
  it('distinguishes empty text from NULL', () => {
    expect(canonicalRow(['', null, 'a"b'])).toBe('"",,"a""b"\n');
  });
});

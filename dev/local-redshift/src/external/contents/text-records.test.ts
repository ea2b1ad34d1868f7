import { describe, expect, it } from 'vitest';
import { canonicalRow, splitFields, splitRows, type TextFormat } from './text-records.ts';

const csv: TextFormat = {
  kind: 'opencsv',
  separator: ',',
  quote: '"',
  escape: '\\',
  wholeFile: false,
};
const noEscape: TextFormat = { ...csv, escape: '\u0001' };
const delimited: TextFormat = { kind: 'delimited', delimiter: ',', nullText: '\\N' };

describe('splitFields with the OpenCSV SerDe', () => {
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
    expect(splitFields(row, csv)).toEqual(expected);
  });

  it('keeps a backslash if another character is the escape character', () => {
    expect(splitFields(String.raw`"SIZE 6\",b`, noEscape)).toEqual(['SIZE 6\\', 'b']);
    // The pitfall of the default: the backslash escapes the closing quote.
    expect(splitFields(String.raw`"SIZE 6\",b`, csv)).toEqual([]);
  });

  it('has NULL for the text of serialization.null.format, if the table has it', () => {
    expect(splitFields('a,"-",', { ...csv, nullText: '-' })).toEqual(['a', null, '']);
  });
});

describe('splitFields of DELIMITED', () => {
  it('ignores quotes, which shifts the columns', () => {
    expect(splitFields('1,"BOX, BIG",2', delimited)).toEqual(['1', '"BOX', ' BIG"', '2']);
  });

  it('recognizes the text for NULL', () => {
    expect(splitFields(String.raw`\N,,x`, delimited)).toEqual([null, '', 'x']);
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

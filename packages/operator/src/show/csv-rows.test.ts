import { describe, expect, it } from 'vitest';
import { readCsvRows } from './csv-rows.ts';

const rows = (text: string, { count = 10, continues = false } = {}) =>
  readCsvRows(text, count, continues).rows;

describe('the first rows of a CSV file', () => {
  it('have the columns of the header', () => {
    expect(readCsvRows('a,b\n1,2\n3,4\n', 10, false)).toEqual({
      columns: ['a', 'b'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    });
  });

  it('are as many as asked for', () => {
    expect(rows('a\n1\n2\n3\n', { count: 2 })).toEqual([['1'], ['2']]);
    expect(rows('a\n')).toEqual([]);
    expect(rows('')).toEqual([]);
  });

  it.each<[string, string, (string | undefined)[]]>([
    ['a quoted comma and quote', '"x, ""y""",2', ['x, "y"', '2']],
    ['a line break within quotes', '"x\ny",2', ['x\ny', '2']],
    ['null and the empty text', ',""', [undefined, '']],
    ['a carriage return', 'x,2\r', ['x', '2']],
    ['a quoted cell before a carriage return', 'x,"2"\r', ['x', '2']],
    ['an unclosed quote', '1,"never ends', ['1', '"never ends']],
    ['a quote within a cell', '1,a "b" c', ['1', 'a "b" c']],
    ['too many cells', '1,2,,4', ['1', '2,,4']],
    ['too few', '1', ['1']],
  ])('keep %s', (_, line, expected) => {
    expect(rows(`a,b\n${line}\n3,4\n`)[0]).toEqual(expected);
  });

  it('end with the last whole row if the file continues', () => {
    expect(rows('a\n1\n2', { continues: true })).toEqual([['1']]);
    expect(rows('a\n1\n2', { continues: false })).toEqual([['1'], ['2']]);
  });
});

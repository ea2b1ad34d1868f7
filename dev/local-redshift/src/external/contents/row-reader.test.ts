import { describe, expect, it } from 'vitest';
import type { ExternalTable } from '../external-definition.ts';
import { rowReader } from './row-reader.ts';
import { invalidByte } from './utf8-text.ts';

const format = { kind: 'delimited', delimiter: ',', nullText: '\\N' } as const;

function read(row: string, properties: Readonly<Record<string, string>>, compressed = false) {
  const table: ExternalTable = {
    schema: 's',
    name: 't',
    columns: ['a', 'b'].map((name) => ({ name, type: { name: 'varchar', length: 9 } })),
    partitionColumns: [],
    format,
    skipHeaderLines: 0,
    location: 's3://b/t/',
    properties: { data_cleansing_enabled: 'true', ...properties },
  };
  return rowReader(table, format, 's3://b/t/f', compressed)(row);
}

describe('a row with another number of columns', () => {
  it.each([undefined, 'DISABLED', 'SET_TO_NULL'])('is padded or cut with %s', (action) => {
    const properties = action === undefined ? {} : { column_count_mismatch_handling: action };
    expect(read('x', properties)).toEqual(['x', null]);
    expect(read('x,y,z', properties)).toEqual(['x', 'y']);
  });

  it('is dropped with DROP_ROW', () => {
    const properties = { column_count_mismatch_handling: 'DROP_ROW' };
    expect(read('x', properties)).toBeUndefined();
    expect(read('x,y', properties)).toEqual(['x', 'y']);
  });

  it('fails the statement with FAIL, unless the file is compressed', () => {
    const properties = { column_count_mismatch_handling: 'FAIL' };
    expect(() => read('x,y,z', properties)).toThrow(
      expect.objectContaining({
        detail: expect.stringContaining(
          'Table columns: 2, Data columns: 3, File name: s3://b/t/f',
        ) as string,
      }) as Error,
    );
    expect(read('x,y,z', properties, true)).toEqual(['x', 'y']);
  });
});

describe('a row with a byte that is not UTF-8', () => {
  const row = `Barcel${invalidByte}na,y`;
  it.each([
    [undefined, [null, 'y']],
    ['SET_TO_NULL', [null, 'y']],
    ['DISABLED', ['Barcel\uFFFDna', 'y']],
    ['DROP_ROW', [null, null]],
    ['REPLACE', ['Barcel?na', 'y']],
  ])('%s', (action, expected) => {
    const properties = action === undefined ? {} : { invalid_char_handling: action };
    expect(read(row, properties)).toEqual(expected);
  });

  it('has the replacement of the table', () => {
    const properties = { invalid_char_handling: 'REPLACE', replacement_char: '_' };
    expect(read(row, properties)).toEqual(['Barcel_na', 'y']);
  });

  it('FAIL', () => {
    expect(() => read(row, { invalid_char_handling: 'FAIL' })).toThrow('Spectrum Scan Error');
  });
});

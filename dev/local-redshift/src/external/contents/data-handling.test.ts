import { describe, expect, it } from 'vitest';
import { dataHandling, declaredCompression } from './data-handling.ts';

describe('dataHandling', () => {
  it('reads the properties if data handling is on', () => {
    const properties = {
      data_cleansing_enabled: 'true',
      invalid_char_handling: 'REPLACE',
      replacement_char: '_',
      surplus_char_handling: 'FAIL',
      column_count_mismatch_handling: 'DROP_ROW',
      numeric_overflow_handling: 'SET_TO_NULL',
    };
    expect(dataHandling(properties)).toEqual({
      columnCount: 'DROP_ROW',
      invalidChar: 'REPLACE',
      numericOverflow: 'SET_TO_NULL',
      surplusChar: 'FAIL',
      replacement: '_',
    });
  });

  it.each([{}, { data_cleansing_enabled: 'false' }])('ignores them with %s', (off) => {
    const { surplusChar } = dataHandling({ ...off, surplus_char_handling: 'FAIL' });
    expect(surplusChar).toBeUndefined();
  });

  it.each([
    ['data_cleansing_enabled', 'yes'],
    ['invalid_char_handling', 'TRUNCATE'],
    ['surplus_char_handling', 'REPLACE'],
    ['numeric_overflow_handling', 'TRUNCATE'],
    ['column_count_mismatch_handling', 'fail'],
  ])('refuses %s = %s', (name, value) => {
    expect(() => dataHandling({ [name]: value })).toThrow(`invalid value for ${name}: "${value}"`);
  });
});

describe('declaredCompression', () => {
  it('is one of those that Spectrum reads', () => {
    expect(declaredCompression({})).toBeUndefined();
    expect(declaredCompression({ compression_type: 'gzip' })).toBe('gzip');
    expect(() => declaredCompression({ compression_type: 'zstd' })).toThrow('bzip2, gzip');
  });
});

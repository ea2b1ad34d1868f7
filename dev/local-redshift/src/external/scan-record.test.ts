import { describe, expect, it } from 'vitest';
import type { ExternalFormat, ExternalTable } from './external-definition.ts';
import { sizeAdvice } from './scan-record.ts';

const table = (format: ExternalFormat): ExternalTable => ({
  schema: 's',
  name: 't',
  columns: [],
  partitionColumns: [],
  format,
  skipHeaderLines: 0,
  location: 's3://b/t/',
  properties: {},
});
const csv = { kind: 'opencsv', separator: ',', quote: '"', escape: '\\' } as const;
const megabyte = 2 ** 20;

describe('sizeAdvice', () => {
  const delimited = table({ kind: 'delimited', delimiter: ',', nullText: '' });
  it.each([
    ['a.csv', delimited, 1024],
    ['a.csv', table({ ...csv, wholeFile: false }), 1024],
    ['a.parquet', table({ kind: 'parquet' }), 1024],
    ['a.csv.gz', delimited, 128],
    ['a.csv', table({ ...csv, wholeFile: true }), 128],
  ])('%s in %o: up to %d MB', (key, of, limit) => {
    const advice = (bytes: number) => sizeAdvice({ bucket: 'b', key, etag: '', bytes }, of);
    expect(advice(limit * megabyte)).toBeUndefined();
    const text = advice((limit + 1) * megabyte);
    expect(text).toContain(`s3://b/${key} has ${limit + 1} MB`);
    expect(text?.includes('cannot be read in parallel')).toBe(limit === 128);
  });
});

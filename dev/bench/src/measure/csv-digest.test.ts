import { describe, expect, it } from 'vitest';
import { CsvDigester } from './csv-digest.ts';

function digest(text: string, size = text.length) {
  const digester = new CsvDigester();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) digester.update(bytes.subarray(at, at + size));
  return digester.digest();
}

const file = 'a,b\n1,x\n2,"y\nz"\n3,"say ""hi"""\n';

describe('a CSV digest', () => {
  it('counts rows, not lines, and keeps the header', () => {
    expect(digest(file)).toMatchObject({ header: 'a,b', rows: 3, bytes: Buffer.byteLength(file) });
  });

  it('does not depend on the order of the rows', () => {
    const other = digest('a,b\n3,"say ""hi"""\n1,x\n2,"y\nz"\n');
    expect(other).toEqual(digest(file));
  });

  it('does not depend on the size of the chunks', () => {
    for (const size of [1, 2, 5, 7]) expect(digest(file, size)).toEqual(digest(file));
  });

  it.each([
    ['another value', file.replace('x', 'w')],
    ['a row twice', `${file}1,x\n`],
    ['a row less', file.replace('1,x\n', '')],
    ['values of two rows swapped', 'a,b\n2,x\n1,"y\nz"\n3,"say ""hi"""\n'],
  ])('differs for %s', (_, changed) => {
    expect(digest(changed).content).not.toBe(digest(file).content);
  });

  it('accepts a last row without a line break', () => {
    expect(digest(file.trimEnd())).toMatchObject({ rows: 3, content: digest(file).content });
  });
});

import { describe, expect, it } from 'vitest';
import { csvRecords } from './csv-records.ts';

/** In chunks of a few bytes, so that each place is at some edge. */
async function read(content: string | Buffer, size = 3) {
  const bytes = Buffer.from(content);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  }
  const records = [];
  for await (const some of csvRecords('f.csv', chunks())) records.push(...some);
  return records.map(({ line, fields }) => [line, ...fields]);
}

describe('records', () => {
  it.each([
    [
      'plain',
      'a,b\n1,\n',
      [
        [1, 'a', 'b'],
        [2, '1', ''],
      ],
    ],
    [
      'without a last line end',
      'a,b\n1,2',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'with CRLF',
      'a,b\r\n1,2\r\n',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    ['with a byte order mark', '\ufeffa,b\n', [[1, 'a', 'b']]],
    [
      'with empty lines',
      'a,b\n\n1,2\n\r\n\n',
      [
        [1, 'a', 'b'],
        [3, '1', '2'],
      ],
    ],
    [
      'in quotes',
      '"a","b"\n"","x"\n',
      [
        [1, 'a', 'b'],
        [2, '', 'x'],
      ],
    ],
    ['with quoted quotes and commas', '"a ""x"", y",""""\n', [[1, 'a "x", y', '"']]],
    [
      'with quoted line breaks',
      '"a\r\n\\.\n",b\n1,2\n',
      [
        [1, 'a\r\n\\.\n', 'b'],
        [4, '1', '2'],
      ],
    ],
    [
      'with backslashes',
      'a\\,\\.\n\\.\n',
      [
        [1, 'a\\', '\\.'],
        [2, '\\.'],
      ],
    ],
  ])('%s', async (_what, content, expected) => {
    for (const size of [1, 3, 1_000]) expect(await read(content, size)).toEqual(expected);
  });

  it.each<[string, string | Buffer, string]>([
    ['a quote within a field', 'a\n5" plate,b\n6" plate,c\n', 'line 2: a quote must'],
    ['text after a quote', 'a\n"b"c,d\n', 'line 2: a quote must'],
    ['a blank before a quote', 'a\n1, "b"\n', 'line 2: a quote must'],
    ['an open quote', 'a\n"b\nc\n', 'line 2: a quote is never closed'],
    [
      'an open quote and a long file',
      `a\n"b\n${'c\n'.repeat(600_000)}`,
      'line 2: a quote is never',
    ],
    ['a long line', 'b'.repeat(1_100_000), 'line 1: it never ends'],
    ['a carriage return alone', 'a\nb\rc\n', 'line 2: a carriage return'],
    ['a carriage return beside a quote', 'a\n"b",c\rd\n', 'line 2: a quote must'],
    ['a NUL byte', 'a\nb\0c\n', 'line 2: a NUL byte'],
    ['Latin-1', Buffer.from('a\nb£\n', 'latin1'), 'line 2: the text is not UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), 'f.csv is UTF-16'],
    ['UTF-16 without a mark', Buffer.from('a,b\n', 'utf16le'), 'line 1: a NUL byte; is it UTF-16?'],
    ['a spreadsheet', Buffer.from('PK\u0003\u0004\n'), 'f.csv is a ZIP archive'],
  ])('are refused: %s', async (_what, content, message) => {
    await expect(read(content, 65_536)).rejects.toMatchObject({
      exit: 65,
      message: expect.stringContaining(message) as string,
    });
  });
});

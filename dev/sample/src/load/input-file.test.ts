import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { countRows, findInput, firstLine, unpack } from './input-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'input-file-'));
const content = `a,b\n${'1,2\n'.repeat(200_000)}`;

describe('findInput', () => {
  it('recognises gzip by the content, not by the name', async () => {
    await using folder = await temporary();
    const packed = join(folder.path, 'packed.csv');
    const plain = join(folder.path, 'plain.csv.gz');
    await writeFile(packed, gzipSync(content));
    await writeFile(plain, content);
    expect(await findInput('packed.csv', 'REVIEWS', folder.path)).toMatchObject({
      name: 'packed.csv',
      gzipped: true,
    });
    expect(await findInput('plain.csv.gz', 'REVIEWS', folder.path)).toMatchObject({
      gzipped: false,
      size: content.length,
    });
  });

  it.each([
    ['a missing file', 'none.csv', 64, 'does not exist'],
    ['a folder', '.', 64, 'is not a file'],
    ['a path through a file', 'empty.csv/x', 64, 'cannot be read'],
    ['an empty file', 'empty.csv', 65, 'is empty'],
  ])('rejects %s', async (_what, name, exit, message) => {
    await using folder = await temporary();
    await writeFile(join(folder.path, 'empty.csv'), '');
    const found = findInput(name, 'REVIEWS', folder.path);
    await expect(found).rejects.toMatchObject({
      exit,
      message: expect.stringMatching(new RegExp(`^REVIEWS: .*${message}`)) as string,
    });
  });
});

describe('unpack', () => {
  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['packed', (text: string) => gzipSync(text)],
    [
      'packed in two members',
      (text: string) => Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))]),
    ],
  ])('yields the content of a %s file and counts its bytes', async (_form, pack) => {
    await using folder = await temporary();
    const path = join(folder.path, 'file');
    await writeFile(path, pack(content));
    const file = await findInput(path, 'PURCHASES', folder.path);
    const progress = { onDisk: 0, unpacked: 0 };
    const chunks = await Array.fromAsync(unpack(file, progress));
    expect(Buffer.concat(chunks).toString()).toBe(content);
    expect(progress).toEqual({ onDisk: file.size, unpacked: content.length });
    expect(await firstLine(file)).toBe('a,b');
  });
});

describe('firstLine', () => {
  it.each([
    ['no line end', 'a,b', undefined],
    ['a very long line', 'x'.repeat(200_000), undefined],
    ['CRLF', 'a,b\r\n1,2\r\n', 'a,b'],
  ])('handles %s', async (_what, text, line) => {
    await using folder = await temporary();
    const path = join(folder.path, 'file');
    await writeFile(path, text);
    expect(await firstLine(await findInput(path, 'PURCHASES', folder.path))).toBe(line);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le')],
    ['a ZIP archive', Buffer.from('PK\u0003\u0004')],
  ])('names %s, plain or packed', async (format, bytes) => {
    await using folder = await temporary();
    await writeFile(join(folder.path, 'plain'), bytes);
    await writeFile(join(folder.path, 'packed'), gzipSync(bytes));
    for (const name of ['plain', 'packed']) {
      const found = firstLine(await findInput(name, 'REVIEWS', folder.path));
      await expect(found).rejects.toMatchObject({ exit: 65, message: `${name} is ${format}` });
    }
  });

  it('reports a damaged gzip file', async () => {
    await using folder = await temporary();
    const path = join(folder.path, 'file.gz');
    await writeFile(path, gzipSync('a,b').subarray(0, 15));
    await expect(firstLine(await findInput(path, 'PURCHASES', folder.path))).rejects.toMatchObject({
      exit: 65,
      message: `file.gz is a damaged or incomplete gzip file`,
    });
  });
});

describe('countRows', () => {
  it.each([
    ['lines', 'a,b\n1,2\n3,4\n', 2],
    ['a last line without a line feed', 'a,b\n1,2\n3,4', 2],
    ['a header alone', 'a,b\n', 0],
    ['more than one chunk', content, 200_000],
  ])('counts %s after the first, plain or packed', async (_what, text, rows) => {
    await using folder = await temporary();
    await writeFile(join(folder.path, 'plain'), text);
    await writeFile(join(folder.path, 'packed'), gzipSync(text));
    for (const name of ['plain', 'packed']) {
      expect(await countRows(await findInput(name, 'PURCHASES', folder.path))).toBe(rows);
    }
  });

  it('reports a damaged gzip file', async () => {
    await using folder = await temporary();
    await writeFile(join(folder.path, 'file.gz'), gzipSync(content).subarray(0, 100));
    const file = await findInput('file.gz', 'PURCHASES', folder.path);
    await expect(countRows(file)).rejects.toMatchObject({ exit: 65 });
  });
});

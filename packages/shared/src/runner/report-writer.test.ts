import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ReportWriter } from './report-writer.ts';

/** A nearly full disk takes a part of what it is given. */
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  const writeSync = (fd: number, data: Buffer) => fs.writeSync(fd, data.subarray(0, 3));
  return { ...fs, writeSync: writeSync as typeof fs.writeSync };
});

const folder = mkdtempSync(join(tmpdir(), 'report-'));
const path = join(folder, 'out');
writeFileSync(path, '');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const inFile = async (flags: string, write: (writer: ReportWriter) => void) => {
  const fd = openSync(path, flags);
  const unused = () => {
    throw new Error('a file is written directly');
  };
  const writer = new ReportWriter('stdout', { fd, write: unused, on: () => undefined });
  write(writer);
  const loss = await writer.loss();
  closeSync(fd);
  return loss;
};

describe('a file', () => {
  it('gets whole lines, even if it takes them in parts', async () => {
    const loss = await inFile('w', ({ write }) => {
      write('first line\n');
      write('zweite Zeile: ü\n');
    });
    expect(loss).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('first line\nzweite Zeile: ü\n');
  });

  it('that cannot be written is a loss and throws nothing', async () => {
    const loss = await inFile('r', ({ write }) => {
      write('lost\n');
    });
    expect(loss).toMatchObject({ kind: 'report-lost', exit: 74 });
    expect(loss?.message).toMatch(/^stdout could not be written: EBADF/);
  });
});

describe('a pipe', () => {
  it('is waited for', async () => {
    const slow = new PassThrough({ highWaterMark: 4 });
    const writer = new ReportWriter('stdout', slow);
    for (const line of ['one\n', 'two\n', 'three\n']) writer.write(line);
    let isOver = false;
    const over = writer.loss().then((loss) => {
      isOver = true;
      return loss;
    });
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    const read = slow.setEncoding('utf8').toArray();
    expect(await over).toBeUndefined();
    slow.end();
    expect((await read).join('')).toBe('one\ntwo\nthree\n');
  });

  it('without a reader is a loss, whatever is written afterwards', async () => {
    const broken = new PassThrough();
    const writer = new ReportWriter('stderr', broken);
    writer.write('read\n');
    broken.destroy(new Error('write EPIPE'));
    writer.write('lost\n');
    writer.write('lost, too\n');
    expect((await writer.loss())?.message).toBe('stderr could not be written: write EPIPE');
  });
});

import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputBytes } from './input-size.ts';

it('counts the files below every HDFS address, and nothing else', async () => {
  await using hdfs = await mkdtempDisposable(join(tmpdir(), 'input-size-'));
  await mkdir(join(hdfs.path, 'in/a/b'), { recursive: true });
  await writeFile(join(hdfs.path, 'in/one.csv'), '12345');
  await writeFile(join(hdfs.path, 'in/a/b/two.csv'), '123');
  const size = (...args: string[]) => inputBytes(args, hdfs.path);
  expect(await size('--input', 'hdfs:///in', '--run', 'r1')).toBe(8);
  expect(await size('--input=hdfs:///in/a', 'hdfs:///in/one.csv')).toBe(8);
  expect(await size('--output', 'hdfs:///out', '--days', '2010-12-01')).toBe(0);
});

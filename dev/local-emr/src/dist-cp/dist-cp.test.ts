import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unfinishedDir } from './copy-target.ts';
import { distCp } from './dist-cp.ts';
import { parseDistCp } from './dist-cp-arguments.ts';

let directory: string;
let hdfsDir: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'emr-dist-cp-'));
  hdfsDir = join(directory, 'hdfs');
});

afterEach(() => rm(directory, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(hdfsDir, path)), { recursive: true });
  await writeFile(join(hdfsDir, path), content);
}
const read = (path: string): Promise<string> => readFile(join(hdfsDir, path), 'utf8');

/** Copies within HDFS, which needs no server. */
function copy(src: string, dest: string, ...more: string[]): Promise<unknown> {
  const storage = { s3: new S3Client({ region: 'us-east-1' }), hdfsDir };
  const args = parseDistCp(['--src', src, '--dest', dest, ...more]);
  return distCp(args, storage, new AbortController().signal, () => undefined);
}

describe('s3-dist-cp', () => {
  it('keeps relative paths, overwrites, and deletes nothing', async () => {
    await write('in/a', 'new');
    await write('in/deep/er/b', 'bb');
    await write('out/a', 'old');
    await write('out/other', 'stays');
    expect(await copy('/in', '/out')).toEqual({ files: 2, bytes: 5 });
    expect(await Promise.all(['out/a', 'out/deep/er/b', 'out/other'].map(read))).toEqual([
      'new',
      'bb',
      'stays',
    ]);
    expect(await readdir(unfinishedDir(hdfsDir))).toEqual([]);
  });

  it('copies a single file under its name', async () => {
    await write('in/a', 'x');
    expect(await copy('/in/a', '/out')).toEqual({ files: 1, bytes: 1 });
    expect(await read('out/a')).toBe('x');
  });

  it('copies only the files that match', async () => {
    for (let index = 0; index < 40; index += 1) await write(`in/${index}.csv`, String(index));
    await write('in/_SUCCESS', '');
    expect(await copy('/in', '/out', '--srcPattern', '.*/in/.*\\.csv')).toEqual({
      files: 40,
      bytes: 70,
    });
    expect(await readdir(join(hdfsDir, 'out'))).toHaveLength(40);
  });

  it.each([
    ['/none', [], 'no file below hdfs:///none'],
    ['/in', ['--srcPattern', 'csv'], 'no file below hdfs:///in that matches --srcPattern'],
  ])('fails when there is nothing to copy from %s', async (src, more, message) => {
    await write('in/a.csv', 'x');
    await expect(copy(src, '/out', ...more)).rejects.toThrow(message);
  });

  it('fails when one file cannot be copied', async () => {
    await write('in/a', 'x');
    await write('in/b', 'x');
    await mkdir(join(hdfsDir, 'out/a/taken'), { recursive: true });
    await expect(copy('/in', '/out')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(await readdir(unfinishedDir(hdfsDir))).toEqual([]);
  });

  it('stops when it is aborted', async () => {
    await write('in/a', 'x');
    const args = parseDistCp(['--src', '/in', '--dest', '/out']);
    const storage = { s3: new S3Client({ region: 'us-east-1' }), hdfsDir };
    const stopped = AbortSignal.abort();
    await expect(distCp(args, storage, stopped, () => undefined)).rejects.toThrow(/abort/i);
    await expect(read('out/a')).rejects.toThrow('ENOENT');
  });
});

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
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

  it('concatenates the files of a group, and leaves out the others', async () => {
    await write('in/web-01.log', 'a');
    await write('in/web-02.log', 'b');
    await write('in/deep/db-01.log', 'c');
    await write('in/readme', 'x');
    expect(await copy('/in', '/out', '--groupBy', '.*/(\\w+)-\\d+(\\.log)')).toEqual({
      files: 2,
      bytes: 3,
    });
    expect((await readdir(join(hdfsDir, 'out'))).toSorted()).toEqual(['db.log', 'web.log']);
    expect(await read('out/web.log')).toBe('ab');
  });

  it('continues in another file when one is as large as --targetSize', async () => {
    const mebibyte = 'm'.repeat(1024 * 1024);
    for (const name of ['1', '2', '3']) await write(`in/part-${name}.txt`, mebibyte);
    await write('in/part-4.txt', 'end');
    await copy('/in', '/out', '--groupBy', '.*/(part)-.*(\\.txt)', '--targetSize', '2');
    expect((await readdir(join(hdfsDir, 'out'))).toSorted()).toEqual(['part0.txt', 'part1.txt']);
    expect(await read('out/part0.txt')).toBe(mebibyte + mebibyte);
    expect(await read('out/part1.txt')).toBe(`${mebibyte}end`);
    await copy('/in', '/whole', '--groupBy', '.*/(part)-.*', '--targetSize', '9');
    expect(await readdir(join(hdfsDir, 'whole'))).toEqual(['part']);
  });

  it('compresses and decompresses, also groups', async () => {
    await write('in/a.txt', 'a');
    await write('in/b.txt', 'b');
    await copy('/in', '/gz', '--outputCodec', 'gz');
    const packed = await readFile(join(hdfsDir, 'gz/a.txt.gz'));
    expect(gunzipSync(packed).toString()).toBe('a');
    await copy('/gz', '/plain', '--outputCodec', 'none');
    expect(await Promise.all(['plain/a.txt', 'plain/b.txt'].map(read))).toEqual(['a', 'b']);
    await copy('/gz', '/group', '--outputCodec', 'gz', '--groupBy', '.*(txt).*');
    expect(gunzipSync(await readFile(join(hdfsDir, 'group/txt.gz'))).toString()).toBe('ab');
    await copy('/gz', '/kept');
    expect(await readFile(join(hdfsDir, 'kept/a.txt.gz'))).toEqual(packed);
    await write('other/a.bz2', 'x');
    await expect(copy('/other', '/x', '--outputCodec', 'none')).rejects.toThrow('decompress');
  });

  it('deletes the copied files with --deleteOnSuccess, and only if all were copied', async () => {
    await write('in/a.csv', 'x');
    await write('in/b.txt', 'x');
    const csv = ['--srcPattern', '.*csv', '--deleteOnSuccess'];
    await copy('/in', '/in', ...csv);
    expect(await read('in/a.csv')).toBe('x');
    await copy('/in', '/out', ...csv);
    expect(await readdir(join(hdfsDir, 'in'))).toEqual(['b.txt']);
    await write('in/c.txt', 'x');
    await mkdir(join(hdfsDir, 'full/c.txt/taken'), { recursive: true });
    await expect(copy('/in', '/full', '--deleteOnSuccess')).rejects.toThrow();
    expect((await readdir(join(hdfsDir, 'in'))).toSorted()).toEqual(['b.txt', 'c.txt']);
  });

  it.each([
    ['/none', [], 'no file below hdfs:///none'],
    ['/in', ['--srcPattern', 'csv'], 'no file below hdfs:///in that matches --srcPattern'],
    ['/in', ['--groupBy', '(x)'], 'no file below hdfs:///in that matches --groupBy'],
    ['/in', ['--groupBy', '.*()'], 'the groups of --groupBy are empty'],
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

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileCommands } from './file-command.ts';
import type { CommandContext } from './places.ts';

let directory: string;
let hdfsDir: string;
let home: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hadoop-fs-'));
  hdfsDir = join(directory, 'hdfs');
  home = join(directory, 'work/home');
  for (const folder of [hdfsDir, home]) await mkdir(folder, { recursive: true });
  for (const path of ['a/1.csv', 'a/2.csv', 'a/deep/3.txt', 'b/4.csv']) {
    await put(join(hdfsDir, path), path);
  }
});

afterEach(() => rm(directory, { recursive: true }));

async function put(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const run = (command: string, cwd?: string): Promise<string> => {
  const [name = '', ...args] = command.split(' ');
  return file(name, args, cwd);
};

async function file(name: string, args: readonly string[], cwd = home): Promise<string> {
  const written: string[] = [];
  const context: CommandContext = {
    ...{ home, cwd, storage: { s3: new S3Client({ region: 'us-east-1' }), hdfsDir } },
    signal: new AbortController().signal,
    write: (chunk) => written.push(Buffer.from(chunk).toString()),
  };
  await fileCommands[name]?.(args, context);
  return written.join('');
}
const dfs = (command: string): Promise<string> => run(`hdfs dfs ${command}`);
const hdfs = async (path = ''): Promise<string[]> =>
  (await readdir(join(hdfsDir, path), { recursive: true })).toSorted();

describe('hdfs dfs', () => {
  it('lists a folder, a file, a tree and what matches a pattern', async () => {
    const names = (output: string) =>
      output
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1));
    const listed = await dfs('-ls hdfs:///a');
    expect(listed).toMatch(/^Found 3 items\n-rw-r--r-- {3}1 hadoop hdfsadmingroup {10}7 \d{4}-/);
    expect(names(listed).slice(1)).toEqual([
      'hdfs:///a/1.csv',
      'hdfs:///a/2.csv',
      'hdfs:///a/deep',
    ]);
    expect(listed).toContain('drwxr-xr-x   - hadoop');
    expect(names(await dfs('-ls /a/1.csv'))).toEqual(['/a/1.csv']);
    expect(names(await dfs('-ls -R /a'))).toEqual([
      '/a/1.csv',
      '/a/2.csv',
      '/a/deep',
      '/a/deep/3.txt',
    ]);
    expect(names(await dfs('-ls -d /a'))).toEqual(['/a']);
    expect(names(await dfs('-ls /{a,b}/?.csv'))).toEqual(['/a/1.csv', '/a/2.csv', '/b/4.csv']);
    await expect(dfs('-ls /a/*.parquet')).rejects.toThrow('No such file or directory');
  });

  it('shows files', async () => {
    expect(await dfs('-cat /a/*.csv')).toBe('a/1.csva/2.csv');
    await expect(dfs('-cat /a')).rejects.toThrow("cat: `/a': Is a directory");
    await expect(dfs('-cat /none')).rejects.toThrow("cat: `/none': No such file or directory");
  });

  it('makes folders', async () => {
    await dfs('-mkdir /c');
    await dfs('-mkdir -p /c /d/e relative');
    expect(await hdfs()).toEqual(
      expect.arrayContaining(['c', 'd/e', 'user/hadoop/relative']) as string[],
    );
    await expect(dfs('-mkdir /c')).rejects.toThrow('File exists');
    await expect(dfs('-mkdir /x/y')).rejects.toThrow('No such file or directory');
    await expect(dfs('-mkdir -p /a/1.csv')).rejects.toThrow('File exists');
  });

  it('removes files and folders, and nothing else', async () => {
    expect(await dfs('-rm /a/*.csv')).toBe('Deleted /a/1.csv\nDeleted /a/2.csv\n');
    await dfs('-rm -r -f -skipTrash hdfs:///a/deep /none');
    expect(await hdfs()).toEqual(['a', 'b', 'b/4.csv']);
  });

  it.each([
    ['-rm /a', 'Is a directory'],
    ['-rm -r /none', 'No such file or directory'],
    ['-rm -r -now /a', 'does not support -now'],
    ['-rm -r /', 'the root may not be removed'],
    ['-rm -r', 'Not enough arguments'],
    ['-rm -r /a/../..', 'leads out'],
    ['-cp /a/1.csv /b/../../x', 'leads out'],
    ['-get /a/1.csv ../x', "is not in the step's own folder"],
    ['-get /a/1.csv /etc/x', "is not in the step's own folder"],
    ['-put file:///etc/passwd /x', "is not in the step's own folder"],
    ['-put a/../../../x /x', "is not in the step's own folder"],
    ['-chmod 777 /a', "does not support '-chmod'"],
  ])('refuses %s', async (command, message) => {
    await expect(dfs(command)).rejects.toThrow(message);
    expect(await hdfs()).toHaveLength(7);
  });

  it('copies and moves', async () => {
    await dfs('-cp /a/1.csv /a/2.csv /b');
    await dfs('-cp /a /whole');
    await dfs('-mv /whole/deep /b/moved');
    await dfs('-mv /whole/1.csv /whole/new.csv');
    expect(await hdfs('b')).toEqual(['1.csv', '2.csv', '4.csv', 'moved', 'moved/3.txt']);
    expect(await hdfs('whole')).toEqual(['2.csv', 'new.csv']);
    await expect(dfs('-cp /a/1.csv /b')).rejects.toThrow("cp: `/b/1.csv': File exists");
    await dfs('-cp -f /a/2.csv /b/1.csv');
    expect(await readFile(join(hdfsDir, 'b/1.csv'), 'utf8')).toBe('a/2.csv');
    await expect(dfs('-cp -f /a/1.csv /a/1.csv')).rejects.toThrow('are the same file');
    await expect(dfs('-cp /a/1.csv /a/2.csv /none')).rejects.toThrow('No such file or directory');
  });

  it("copies to and from the step's own folder", async () => {
    await dfs('-get /a in');
    expect((await readdir(join(home, 'in'), { recursive: true })).toSorted()).toEqual([
      '1.csv',
      '2.csv',
      'deep',
      'deep/3.txt',
    ]);
    await run('hadoop fs -put 1.csv hdfs:///from-folder/x.csv', join(home, 'in'));
    expect(await dfs('-cat /from-folder/x.csv')).toBe('a/1.csv');
    await file('hdfs', ['dfs', '-copyFromLocal', `file://${home}/in/deep`, '/from-folder']);
    expect(await hdfs('from-folder')).toEqual(['deep', 'deep/3.txt', 'x.csv']);
  });

  it.each([
    ['-e /a', true],
    ['-d /a', true],
    ['-d /a/1.csv', false],
    ['-f /a/1.csv', true],
    ['-z /a/1.csv', false],
    ['-s /a/1.csv', true],
    ['-e /none', false],
  ])('tests %s: %s', async (test, holds) => {
    const result = dfs(`-test ${test}`);
    await (holds
      ? expect(result).resolves.toBe('')
      : expect(result).rejects.toThrow('not as asked'));
  });

  it('sums sizes', async () => {
    await put(join(hdfsDir, 'big'), 'x'.repeat(2048));
    expect(await dfs('-du /a')).toBe('7  7  /a/1.csv\n7  7  /a/2.csv\n12  12  /a/deep\n');
    expect(await dfs('-du -s /a /b')).toBe('26  26  /a\n7  7  /b\n');
    expect(await dfs('-du -s -h /big')).toBe('2.0 K  2.0 K  /big\n');
  });
});

it.each([
  ['hdfs namenode -format', "does not support 'hdfs namenode'"],
  ['hadoop jar x.jar', "does not support 'hadoop jar'"],
  ['aws emr list-clusters', "does not support 'aws emr list-clusters'"],
  ['aws s3 mb s3://x', "does not support 'aws s3 mb'"],
  ['aws s3 cp a b', 'one of the paths must be an s3:// address'],
  ['aws s3 cp s3://b/x hdfs:///x', "does not know 'hdfs:///x'"],
  ['aws s3 cp s3://b/x ../x', "is not in the step's own folder"],
  ['aws s3 cp s3://b/x y --exclude *', 'not --exclude'],
  ['aws s3 rm folder', 'is not an s3:// address'],
  ['aws s3 sync s3://b/x y --delete', 'not --delete'],
])('refuses %s', async (command, message) => {
  await expect(run(command)).rejects.toThrow(message);
});

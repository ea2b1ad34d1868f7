import { execFileSync } from 'node:child_process';
import { chmod, mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readSetting, writeSettings } from './settings-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'settings-'));

describe('writeSettings', () => {
  it('replaces its lines, keeps the others and the permissions, and leaves no draft', async () => {
    await using folder = await temporary();
    const path = join(folder.path, '.env.local');
    await writeFile(path, '# local\nA=1\nNAME=old\nNAME_2=x\nOTHER=0\nNAME=older');
    await chmod(path, 0o640);
    await writeSettings(path, { NAME: '/new', OTHER: '1' });
    expect(await readFile(path, 'utf8')).toBe('# local\nA=1\nNAME_2=x\nNAME=/new\nOTHER=1\n');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder.path)).toEqual(['.env.local']);
  });

  it('creates a file that only its owner can read, because it holds credentials', async () => {
    await using folder = await temporary();
    const path = join(folder.path, 'new', '.env.local');
    await writeSettings(path, { NAME: '/new' });
    expect(await readFile(path, 'utf8')).toBe('NAME=/new\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each([
    '/plain/{ds}.csv',
    '/with blank #1.csv',
    '/with "quotes" `x`.csv',
    '/é;&.csv',
    "/it's (a) b.csv",
  ])('writes %s so that dotenv and a shell can read it', async (value) => {
    await using folder = await temporary();
    const path = join(folder.path, '.env.local');
    await writeSettings(path, { NAME: value });
    expect(parseEnv(await readFile(path, 'utf8'))).toEqual({ NAME: value });
    expect(await readSetting(path, 'NAME')).toBe(value);
    const shell = execFileSync('sh', ['-c', '. "$0"; printf %s "$NAME"', path]);
    expect(shell.toString()).toBe(value);
  });

  it.each([`/it's "one".csv`, '/a\nB=2', '/$HOME.csv'])('rejects %s', async (value) => {
    await using folder = await temporary();
    const path = join(folder.path, '.env.local');
    await expect(writeSettings(path, { NAME: value })).rejects.toMatchObject({ exit: 64 });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('readSetting', () => {
  it.each([
    ['no file', undefined, undefined],
    ['no line', 'OTHER=1\n', undefined],
    ['an empty value', 'NAME=\n', undefined],
    ['empty quotes', 'NAME=""\n', undefined],
    ['the last of two lines', 'NAME=1\nNAME="2 3"\n', '2 3'],
  ])('reads %s', async (_what, text, value) => {
    await using folder = await temporary();
    const path = join(folder.path, '.env.local');
    if (text !== undefined) await writeFile(path, text);
    expect(await readSetting(path, 'NAME')).toBe(value);
  });
});

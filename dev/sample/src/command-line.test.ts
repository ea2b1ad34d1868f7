import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

const directories = { workspace: '/workspace', cwd: '/home/person' };

describe('parseCommandLine', () => {
  it('defaults to paths in the workspace', async () => {
    expect(await parseCommandLine([], directories)).toEqual({
      purchases: undefined,
      reviews: undefined,
      keep: false,
      dryRun: false,
      allowRemote: false,
      cwd: '/home/person',
      state: '/workspace/.local',
      settings: '/workspace/.env.local',
    });
  });

  it('treats empty values, as Make passes them, as unset', async () => {
    const given = ['--purchases=', '--reviews=', '--state='];
    expect(await parseCommandLine(given, directories)).toEqual(
      await parseCommandLine([], directories),
    );
  });

  it('resolves relative paths against --cwd', async () => {
    const given = [
      '--cwd',
      '/elsewhere',
      '--state',
      's',
      '--settings',
      '../e',
      '--keep',
      '--dry-run',
    ];
    expect(await parseCommandLine(given, directories)).toMatchObject({
      cwd: '/elsewhere',
      state: '/elsewhere/s',
      settings: '/e',
      keep: true,
      dryRun: true,
    });
  });

  it.each([
    [['--purchase', 'x'], 'purchase'],
    [['x.csv'], 'Unknown argument: x.csv'],
    [['--reviews', 'a', '--reviews', 'b'], '--reviews was given twice'],
  ])('rejects %j', async (given, message) => {
    await expect(parseCommandLine(given, directories)).rejects.toMatchObject({
      exit: 64,
      message: expect.stringContaining(message) as string,
    });
  });

  it('prints help', async () => {
    const help = await parseCommandLine(['--help'], directories);
    expect(help).toHaveProperty('print', expect.stringContaining('SOURCE_DATABASE_URL'));
  });
});

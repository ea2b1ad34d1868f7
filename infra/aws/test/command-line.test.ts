/** The commands without an account: what they refuse, and how. */
import { spawnSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awsCommands } from '../src/commands/aws-commands.ts';
import { contextValues, regionOf } from '../src/commands/settings.ts';
import { requireYes, type Shell } from '../src/commands/shell.ts';

const shell = (ask?: Shell['ask'], env: Shell['env'] = {}): Shell => ({
  env,
  report: () => undefined,
  print: () => undefined,
  signal: new AbortController().signal,
  ask,
  pause: 1,
});

describe('the command line', () => {
  it.each([
    [[], 'name a command: up, push, day, logs, cost, doctor or down'],
    [['start'], 'Unknown argument: start'],
    [['day', '--dss=2010-12-01'], 'Unknown argument: dss'],
    [['day'], 'expected --ds=2010-12-01'],
    [['logs', '--job=clean'], 'Choices:'],
    [['logs', '--hours=x'], '--hours must be'],
    [['cost', '--days=0'], '--days must be'],
    [['up', '--context=colour=red'], 'expected key=value, with one of the keys account'],
  ])('refuses %j with 64', async (argv, text) => {
    const refusal = { exit: 64, message: expect.stringContaining(text) as string };
    await expect(awsCommands(argv, shell())).rejects.toMatchObject(refusal);
  });

  it('says what to set where no Region is named, with 78', async () => {
    await expect(awsCommands(['day', '--ds=2010-12-01'], shell())).rejects.toMatchObject({
      exit: 78,
      action: 'set region in infra/aws/cdk.context.json, or AWS_REGION',
    });
  });
});

it('the program says what to set where there are no credentials, with 78', () => {
  const main = join(import.meta.dirname, '../src/commands/main.ts');
  const { status, stderr } = spawnSync(process.execPath, [main, 'down'], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  expect(stderr).toContain('could not ask AWS whose credentials these are');
  expect(stderr).toContain('AWS_ACCESS_KEY_ID');
  expect(status).toBe(78);
}, 120_000);

describe('the context', () => {
  it('is that of the file, but for what is typed', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'context-'));
    const file = join(folder.path, 'cdk.context.json');
    writeFileSync(file, '{"region": "us-east-1", "removable": true}');
    expect(contextValues(['region=eu-west-1', 'tag=a=b'], file)).toEqual({
      region: 'eu-west-1',
      removable: true,
      tag: 'a=b',
    });
    writeFileSync(file, '{');
    expect(() => contextValues([], file)).toThrow(`${file} is not JSON`);
  });

  it('names the Region, or the environment does', () => {
    expect(regionOf({ region: 'eu-west-1' }, { AWS_REGION: 'us-east-1' })).toBe('eu-west-1');
    expect(regionOf({}, { AWS_REGION: 'us-east-1' })).toBe('us-east-1');
    expect(() => regionOf({ region: 'Ireland' }, {})).toThrow('the Region is wrong');
  });
});

describe('the question', () => {
  it('goes on after a yes, and where none is asked', async () => {
    await requireYes(shell(), true, 'aws-down removes all');
    await requireYes(
      shell(() => Promise.resolve(true)),
      false,
      'aws-down removes all',
    );
  });

  it('refuses with 64 otherwise', async () => {
    for (const one of [shell(), shell(() => Promise.resolve(false))]) {
      await expect(requireYes(one, false, 'aws-down removes all')).rejects.toMatchObject({
        exit: 64,
      });
    }
  });
});

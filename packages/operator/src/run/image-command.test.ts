import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerCommand } from './image-command.ts';

const declared = ['PIPELINE_BUCKET', 'REVIEWS_SOURCE', 'REVIEWS_READY', 'RULES'];
const owner = { uid: 1234, gid: 100 };
const command = (environment: Readonly<Record<string, string>>, who = owner) =>
  containerCommand('stage-reviews:latest', declared, ['--ds=2010-12-01'], environment, who);

describe('the command that starts an image', () => {
  it('takes every right away, and ends with the image and its arguments', () => {
    const { file, args } = command({ PIPELINE_BUCKET: 'b' });
    expect(file).toBe('docker');
    expect(args).toEqual(
      expect.arrayContaining([
        '--rm',
        '--read-only',
        '--cap-drop=ALL',
        '--security-opt=no-new-privileges',
        '--memory=512m',
        '--user=1234:100',
      ]),
    );
    expect(args.slice(-2)).toEqual(['stage-reviews:latest', '--ds=2010-12-01']);
  });

  it("leaves the image's own user where the caller is root", () => {
    const { args } = command({}, { uid: 0, gid: 0 });
    expect(args.filter((argument) => argument.startsWith('--user'))).toEqual([]);
  });

  it('hands on the declared variables and the credentials by name, no other and no value', () => {
    const { args } = command({
      PIPELINE_BUCKET: 'b',
      AWS_SECRET_ACCESS_KEY: 'topsecret',
      SOURCE_DATABASE_URL: 'postgres://u:p@h/d',
      HOME: '/root',
      REVIEWS_SOURCE: '',
    });
    const handed = args.filter((argument) => argument.startsWith('--env'));
    expect(handed).toEqual(['--env=PIPELINE_BUCKET', '--env=AWS_SECRET_ACCESS_KEY']);
    expect(args.join(' ')).not.toContain('topsecret');
  });

  it.each([
    ['/data/movie.csv', '/data/movie.csv', '/data/movie.csv'],
    ['data/movie.csv', resolve('data/movie.csv'), resolve('data/movie.csv')],
    ['/data/{ds}/movie.csv', '/data', '/data/{ds}/movie.csv'],
    ['/data/of-{ds}.csv', '/data', '/data/of-{ds}.csv'],
  ])('mounts the reviews at %s read-only', (source, place, named) => {
    const { args, env } = command({ REVIEWS_SOURCE: source });
    expect(args).toContain(`--mount=type=bind,readonly,source=${place},target=${place}`);
    expect(env['REVIEWS_SOURCE']).toBe(named);
  });

  it('mounts the folder of a marker, which may not exist yet, and each folder once', () => {
    const mounts = (variables: Readonly<Record<string, string>>) =>
      command(variables).args.filter((argument) => argument.startsWith('--mount'));
    const inFolder = '--mount=type=bind,readonly,source=/in,target=/in';
    expect(mounts({ REVIEWS_READY: '/in/done' })).toEqual([inFolder]);
    expect(mounts({ REVIEWS_SOURCE: '/in/{ds}.csv', REVIEWS_READY: '/in/{ds}.done' })).toEqual([
      inFolder,
    ]);
  });

  it('mounts the rules', () => {
    const { args, env } = command({ RULES: 'rules.json' });
    const path = resolve('rules.json');
    expect(args).toContain(`--mount=type=bind,readonly,source=${path},target=${path}`);
    expect(env['RULES']).toBe(path);
  });

  it('mounts nothing for reviews and rules in S3', () => {
    const { args } = command({
      REVIEWS_SOURCE: 's3://vendor/movie.csv',
      RULES: 's3://stages/rules.json',
    });
    expect(args.filter((argument) => argument.startsWith('--mount'))).toEqual([]);
  });

  it('refuses a path that a mount cannot name', () => {
    expect(() => command({ REVIEWS_SOURCE: '/data/a,b.csv' })).toThrow('has a comma');
  });
});

import { describe, expect, it } from 'vitest';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { type Application, applicationSteps } from './steps.ts';

const script = `scripts/${'a'.repeat(64)}/random_text_classification.py`;
const application = (overrides: Partial<Application> = {}): Application => ({
  bucket: 'lake',
  run: 'run-2',
  days: [
    { ds: parseDs('2010-12-01'), loadRun: 'load-1' },
    { ds: parseDs('2010-12-03'), loadRun: 'load-7' },
  ],
  script,
  maxRejected: 0.01,
  ...overrides,
});

const option = (args: readonly string[], name: string): string =>
  args.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';

describe('applicationSteps', () => {
  it('copies in just the named runs, by a pattern for the whole path', () => {
    const { copyIn } = applicationSteps(application());
    const pattern = new RegExp(`^(?:${option(copyIn.args, 'srcPattern')})$`);
    const path = (rest: string) => `s3://lake/movie_review/load/${rest}`;
    expect(pattern.test(path('2010-12-01/load-1/movie.csv'))).toBe(true);
    expect(pattern.test(path('2010-12-03/load-7/movie.csv'))).toBe(true);
    expect(pattern.test(path('2010-12-03/load-1/movie.csv'))).toBe(false);
    expect(pattern.test(path('2010-12-01/load-1/moviexcsv'))).toBe(false);
    expect(pattern.test(path('2010-12-01/load-1/movie.csv.part'))).toBe(false);
    expect(pattern.test(path('2010-12-01/_manifest.json'))).toBe(false);
  });

  it('hands each step what the one before it left', () => {
    const { copyIn, clean, copyOut } = applicationSteps(application());
    const argument = (name: string) => clean.args[clean.args.indexOf(name) + 1];
    expect(`${String(argument('--input'))}/`).toBe(option(copyIn.args, 'dest'));
    expect(`${String(argument('--output'))}/`).toBe(option(copyOut.args, 'src'));
    expect(option(copyOut.args, 'dest')).toBe('s3://lake/movie_review/');
    expect(clean.args).toEqual(expect.arrayContaining([`s3://lake/${script}`]));
    expect(argument('--days')).toBe('2010-12-01,2010-12-03');
    expect(argument('--run')).toBe('run-2');
    expect(argument('--max-rejected')).toBe('0.01');
  });

  it('names steps by days, run and step', () => {
    const { copyIn, clean, copyOut } = applicationSteps(application());
    expect([copyIn.name, clean.name, copyOut.name]).toEqual([
      'emr-clean/2010-12-01..2010-12-03/run-2/1-copy-in',
      'emr-clean/2010-12-01..2010-12-03/run-2/2-clean',
      'emr-clean/2010-12-01..2010-12-03/run-2/3-copy-out',
    ]);
  });

  it('keeps runs, days and inputs apart on the cluster', () => {
    const [first, second] = application().days;
    if (first === undefined || second === undefined) throw new Error('two days expected');
    const folders = [
      application(),
      application({ run: 'run-3' }),
      application({ days: [first] }),
      application({ days: [second] }),
      application({ days: [{ ...first, loadRun: 'load-2' }, second] }),
      application({ script: script.replace('a', 'b') }),
    ].map((variant) => option(applicationSteps(variant).copyIn.args, 'dest'));
    expect(new Set(folders).size).toBe(folders.length);
    expect(folders[0]).toMatch(
      /^hdfs:\/\/\/movie_review\/2010-12-01\/run-2\/[0-9a-f]{12}\/load\/$/,
    );
  });

  it('fits a hundred days with the longest names that there can be', () => {
    const days = dsRange(parseDs('2010-12-01'), parseDs('2011-03-10'));
    expect(days).toHaveLength(100);
    const longest = 'r'.repeat(63);
    const steps = applicationSteps(
      application({
        bucket: 'b'.repeat(63),
        run: longest,
        days: days.map((ds) => ({ ds, loadRun: longest })),
      }),
    );
    for (const { name } of Object.values(steps)) expect(name.length).toBeLessThanOrEqual(256);
  });

  it('refuses what EMR would refuse', () => {
    const days = dsRange(parseDs('2010-01-01'), parseDs('2010-12-31'));
    const long = () =>
      applicationSteps(application({ days: days.map((ds) => ({ ds, loadRun: 'r'.repeat(63) })) }));
    expect(long).toThrow(/characters of arguments, EMR takes 10240/);
  });
});

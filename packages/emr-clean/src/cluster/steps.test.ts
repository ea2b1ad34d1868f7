import { describe, expect, it } from 'vitest';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { type Application, applicationSteps, fitsOneApplication } from './steps.ts';

const script = `scripts/${'a'.repeat(64)}/random_text_classification.py`;
const application = (overrides: Partial<Application> = {}): Application => ({
  bucket: 'lake',
  run: 'run-2',
  days: [
    { ds: parseDs('2010-12-01'), loadRun: 'load-1', content: 'one' },
    { ds: parseDs('2010-12-03'), loadRun: 'load-7', content: 'three' },
  ],
  script,
  maxRejected: 0.01,
  ...overrides,
});

const option = (args: readonly string[], name: string): string =>
  args.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';

describe('applicationSteps', () => {
  it('copies only the named runs, by a pattern that matches the whole path', () => {
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

  it('passes the output of each step to the next', () => {
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

  it('names the steps by days, run and position', () => {
    const { copyIn, clean, copyOut } = applicationSteps(application());
    expect([copyIn.name, clean.name, copyOut.name]).toEqual([
      'emr-clean/2010-12-01..2010-12-03/run-2/1-copy-in',
      'emr-clean/2010-12-01..2010-12-03/run-2/2-clean',
      'emr-clean/2010-12-01..2010-12-03/run-2/3-copy-out',
    ]);
  });

  it('uses separate folders on HDFS for each run, each set of days and each input', () => {
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

  it('copies and cleans one of several identical files, listing only its day’s folder', () => {
    const days = ['2010-12-01', '2010-12-02', '2010-12-03'].map((ds) => ({
      ds: parseDs(ds),
      loadRun: `load-${ds}`,
      content: 'the same',
    }));
    const { copyIn, clean } = applicationSteps(application({ days }));
    expect(option(copyIn.args, 'src')).toBe('s3://lake/movie_review/load/2010-12-01/');
    expect(option(copyIn.args, 'dest')).toMatch(/\/load\/2010-12-01\/$/);
    expect(option(copyIn.args, 'srcPattern')).toBe('.*/(2010-12-01/load-2010-12-01)/movie\\.csv');
    expect(clean.args).toContain('2010-12-01+2010-12-02+2010-12-03');
    const [first, second] = days;
    if (first === undefined || second === undefined) throw new Error('two days expected');
    const other = { ds: parseDs('2010-12-04'), loadRun: 'load-4', content: 'another' };
    const mixed = applicationSteps(application({ days: [first, other, second] }));
    expect(mixed.clean.args).toContain('2010-12-01+2010-12-02,2010-12-04');
    expect(option(mixed.copyIn.args, 'src')).toBe('s3://lake/movie_review/load/');
  });

  it('fits five hundred days with the longest possible names if one run staged them', () => {
    const days = dsRange(parseDs('2010-12-01'), parseDs('2012-04-13'));
    expect(days).toHaveLength(500);
    const longest = 'r'.repeat(63);
    const steps = applicationSteps(
      application({
        bucket: 'b'.repeat(63),
        run: longest,
        days: days.map((ds) => ({ ds, loadRun: longest, content: ds })),
      }),
    );
    for (const { name } of Object.values(steps)) expect(name.length).toBeLessThanOrEqual(256);
    const pattern = new RegExp(`^(?:${option(steps.copyIn.args, 'srcPattern')})$`);
    const path = (ds: string) => `s3://lake/movie_review/load/${ds}/${longest}/movie.csv`;
    expect(pattern.test(path('2012-04-13'))).toBe(true);
    expect(pattern.test(path('2012-04-14'))).toBe(false);
  });

  it('refuses steps that EMR would refuse, and predicts that', () => {
    const days = dsRange(parseDs('2010-01-01'), parseDs('2010-12-31')).map((ds) => ({
      ds,
      loadRun: `${ds}-${'r'.repeat(52)}`,
      content: ds,
    }));
    expect(() => applicationSteps(application({ days }))).toThrow(
      /characters of arguments; EMR accepts at most 10240/,
    );
    expect(fitsOneApplication(application({ days }))).toBe(false);
    expect(fitsOneApplication(application({ days: days.slice(0, 100) }))).toBe(true);
  });
});

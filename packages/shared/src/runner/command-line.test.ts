import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { failureOf } from '../../test/failing.ts';
import { parseCommandLine } from './command-line.ts';
import { variable } from './config.ts';
import type { Program } from './options.ts';

const program: Program = {
  stage: { name: 'some-job', reads: ['some/dataset'] },
  version: '1.2.3',
  summary: 'Does some work for a day.',
  variables: { PIPELINE_BUCKET: variable('bucket that holds the stages', z.string()) },
  flags: { 'depends-on-past': 'refuse while the day before has not been loaded' },
};
const parse = (...argv: string[]) => parseCommandLine(program, argv);

describe('the command line', () => {
  it('needs nothing but a day', () => {
    expect(parse('--ds=2010-12-01')).toEqual({
      days: ['2010-12-01'],
      parallel: 4,
      runId: undefined,
      wait: 0,
      logFormat: 'json',
      dryRun: false,
      check: false,
      flags: new Set(),
    });
  });

  it('takes every option', () => {
    const argv =
      '--ds 2010-12-30 --through 2011-01-01 --parallel 2 --run-id 007 --wait 30m --log-format pretty --dry-run --depends-on-past';
    expect(parse(...argv.split(' '))).toEqual({
      days: ['2010-12-30', '2010-12-31', '2011-01-01'],
      parallel: 2,
      runId: '007',
      wait: 1_800_000,
      logFormat: 'pretty',
      dryRun: true,
      check: false,
      flags: new Set(['depends-on-past']),
    });
  });

  it('has no --wait where nothing can be waited for', async () => {
    const alone = { ...program, stage: { name: 'some-job', reads: [] } };
    const failure = await failureOf(() =>
      parseCommandLine(alone, ['--ds=2010-12-01', '--wait=30m']),
    );
    expect([failure.exit, failure.message]).toEqual([64, "Unknown option '--wait'"]);
    expect(parseCommandLine(alone, ['--help'])).not.toMatchObject({
      print: expect.stringContaining('--wait') as string,
    });
    const delivered = {
      ...alone,
      stage: { ...alone.stage, source: { name: 'x', delivered: true } },
    };
    expect(parseCommandLine(delivered, ['--ds=2010-12-01', '--wait=30m'])).toMatchObject({
      wait: 1_800_000,
    });
  });

  it('writes for a person where a terminal is', () => {
    expect(parseCommandLine(program, ['--ds=2010-12-01'], true)).toMatchObject({
      logFormat: 'pretty',
    });
  });

  it.each<[string[], string]>([
    [[], '--ds is missing'],
    [['--ds='], '--ds must be a real day'],
    [['--ds'], "'--ds <value>' argument missing"],
    [['--ds=2010-02-30'], '"2010-02-30"'],
    [["--ds=2010-12-01'; drop table x"], "2010-12-01'; drop table x"],
    [['--ds=2010-12-01', '--ds=2010-12-02'], '--ds was given twice'],
    [['--ds=2010-12-02', '--through=2010-12-01'], 'is before'],
    [['--ds=2010-12-01', '--through=soon'], '--through must be a real day'],
    [['--ds=2010-12-01', '--parallel=0'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=1.5'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=many'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=65'], '--parallel must be'],
    [['--ds=2010-12-01', '--wait=soon'], '--wait must be a time'],
    [['--ds=2010-12-01', '--run-id=a/b'], '--run-id must be'],
    [['--ds=2010-12-01', '--no-run-id'], "Unknown option '--no-run-id'"],
    [['--ds=2010-12-01', '--log-format=xml'], 'log-format'],
    [['--ds=2010-12-01', '--unknown'], "Unknown option '--unknown'"],
    [['--ds=2010-12-01', '--dry-run=no'], "'--dry-run' does not take an argument"],
    [['--ds', '--check'], "'--ds' argument is ambiguous"],
    [['--ds=2010-12-01', 'stray'], "Unexpected argument 'stray'"],
    [['--ds=2010-12-01', '--', 'stray'], "Unexpected argument 'stray'"],
  ])('%j is wrong', async (argv, message) => {
    const failure = await failureOf(() => parse(...argv));
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain(message);
  });

  describe('without --ds', () => {
    const parseIn = (environment: Record<string, string>, ...argv: string[]) =>
      parseCommandLine(program, argv, false, environment);
    const scheduled = { KUBERNETES_JOB_NAME: 'some-job-29402895' };

    it('takes the day before the one a scheduled Job was due', () => {
      expect(parseIn(scheduled)).toMatchObject({ days: ['2025-11-25'] });
    });

    it("takes the index's day in a backfill", () => {
      const indexed = { ...scheduled, BACKFILL_FROM: '2010-12-31', JOB_COMPLETION_INDEX: '1' };
      expect(parseIn(indexed)).toMatchObject({ days: ['2011-01-01'] });
    });

    it('is not the case with it: --ds wins, whatever the Job is called', () => {
      for (const KUBERNETES_JOB_NAME of ['some-job-29402895', 'by-hand']) {
        expect(parseIn({ KUBERNETES_JOB_NAME }, '--ds=2010-12-01')).toMatchObject({
          days: ['2010-12-01'],
        });
      }
    });

    it('a Job made by hand is told to say it', async () => {
      const failure = await failureOf(() => parseIn({ KUBERNETES_JOB_NAME: 'by-hand' }));
      expect(failure.exit).toBe(64);
      expect(failure.message).toContain('"by-hand"');
    });

    it('has no --through either', async () => {
      const failure = await failureOf(() => parseIn(scheduled, '--through=2025-11-30'));
      expect(failure.message).toContain('--through needs --ds');
    });
  });

  it('knows no flag of another job', async () => {
    const plain: Program = { ...program, flags: {} };
    const failure = await failureOf(() =>
      parseCommandLine(plain, ['--ds=2010-12-01', '--depends-on-past']),
    );
    expect(failure.message).toContain('Unknown option');
  });

  it('prints its version', () => {
    expect(parse('--version')).toEqual({ print: '1.2.3' });
  });

  it('prints its help, whatever else is wrong', () => {
    const answer = parse('--help', '--ds=never');
    expect('print' in answer ? answer.print : answer).toMatchInlineSnapshot(`
      "some-job --ds=2010-12-01 [options]

      Does some work for a day.

      Options:
        --ds=DAY                  the day, UTC
        --through=DAY             do every day from --ds to this one
        --parallel=NUMBER         how many days at a time [default: 4]
        --newest-first            do the days of a range from the last to the first
        --run-id=NAME             name of this attempt; a retry under the same name resumes it
        --wait=TIME               wait this long for the upstream, e.g. 30m [default: not at all]
        --log-format=pretty|json  how the log on stderr looks [default: pretty on a terminal, else json]
        --dry-run                 say what would be done, and touch nothing
        --check                   look at every dependency and permission, and do no day
        --help                    show this help
        --version                 show the version
        --depends-on-past         refuse while the day before has not been loaded

      Environment variables:
        PIPELINE_BUCKET       bucket that holds the stages [required]
        KUBERNETES_JOB_NAME   without --ds: the Job's name, which tells when a CronJob's Job was due; the day before is done
        BACKFILL_FROM         without --ds, in an Indexed Job: the day that index 0 does
        JOB_COMPLETION_INDEX  how many days after BACKFILL_FROM; Kubernetes sets it

      Exit codes: 0 done or nothing to do; 64 wrong command line; 65 the data is wrong;
      70 a bug; 75 not ready or transient, try again; 78 wrong configuration; 143 stopped by a signal."
    `);
  });
});

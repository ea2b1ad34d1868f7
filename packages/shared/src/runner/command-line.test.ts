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
  looksBack: true,
  flags: { 'depends-on-past': 'refuse to load if the previous day has not been loaded' },
};
const parse = (...argv: string[]) => parseCommandLine(program, argv);

describe('the command line', () => {
  it('needs nothing but a day', () => {
    expect(parse('--ds=2010-12-01')).toEqual({
      days: ['2010-12-01'],
      parallel: 4,
      lookBack: 0,
      runId: undefined,
      wait: 0,
      logFormat: 'json',
      dryRun: false,
      force: false,
      check: false,
      flags: new Set(),
    });
  });

  it('accepts every option', () => {
    const argv =
      '--ds 2010-12-30 --through 2011-01-01 --parallel 2 --run-id 007 --wait 30m --look-back 7 --log-format pretty --dry-run --force --depends-on-past';
    expect(parse(...argv.split(' '))).toEqual({
      days: ['2010-12-30', '2010-12-31', '2011-01-01'],
      parallel: 2,
      lookBack: 7,
      runId: '007',
      wait: 1_800_000,
      logFormat: 'pretty',
      dryRun: true,
      force: true,
      check: false,
      flags: new Set(['depends-on-past']),
    });
  });

  it('takes --look-back, up to a year, of a job that can compare', async () => {
    const day = '--ds=2010-12-01';
    for (const wrong of ['-1', '367', '1e2', '', 'week']) {
      const failure = await failureOf(() => parse(day, `--look-back=${wrong}`));
      expect([failure.exit, failure.message]).toEqual([
        64,
        '--look-back must be a whole number of days from 0 to 366',
      ]);
    }
    const other = { ...program, looksBack: false };
    const failure = await failureOf(() => parseCommandLine(other, [day, '--look-back=7']));
    expect([failure.exit, failure.message]).toEqual([64, "Unknown option '--look-back'"]);
  });

  it('has no --wait if the stage has nothing to wait for', async () => {
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

  it('uses the pretty log on a terminal', () => {
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
    [['--ds=1969-12-31'], '--ds must be a day from 1970-01-01 to 2200-12-31'],
    [['--ds=2010-12-01', '--through=9999-12-31'], '--through must be a day from 1970-01-01'],
    [['--ds=1970-01-01', '--through=2200-12-31'], 'expected at most 10000'],
    [['--ds=2010-12-01', '--parallel=0'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=1.5'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=many'], '--parallel must be'],
    [['--ds=2010-12-01', '--parallel=65'], '--parallel must be'],
    [['--ds=2010-12-01', '--wait=soon'], '--wait must be a time'],
    [['--ds=2010-12-01', '--wait=8d'], 'from 0s to 7d'],
    [['--ds=2010-12-01', '--wait=999999h'], 'from 0s to 7d'],
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

    it('takes the day before the scheduled time of a Job', () => {
      expect(parseIn(scheduled)).toMatchObject({ days: ['2025-11-25'] });
    });

    it('takes the day of the index in a backfill', () => {
      const indexed = { ...scheduled, BACKFILL_FROM: '2010-12-31', JOB_COMPLETION_INDEX: '1' };
      expect(parseIn(indexed)).toMatchObject({ days: ['2011-01-01'] });
    });

    it('ignores the name of the Job if --ds is given', () => {
      for (const KUBERNETES_JOB_NAME of ['some-job-29402895', 'by-hand']) {
        expect(parseIn({ KUBERNETES_JOB_NAME }, '--ds=2010-12-01')).toMatchObject({
          days: ['2010-12-01'],
        });
      }
    });

    it('rejects the name of a Job that was created by hand', async () => {
      const failure = await failureOf(() => parseIn({ KUBERNETES_JOB_NAME: 'by-hand' }));
      expect(failure.exit).toBe(64);
      expect(failure.message).toContain('"by-hand"');
    });

    it('rejects --through', async () => {
      const failure = await failureOf(() => parseIn(scheduled, '--through=2025-11-30'));
      expect(failure.message).toContain('--through needs --ds');
    });
  });

  it('rejects a flag of another job', async () => {
    const plain: Program = { ...program, flags: {} };
    const failure = await failureOf(() =>
      parseCommandLine(plain, ['--ds=2010-12-01', '--depends-on-past']),
    );
    expect(failure.message).toContain('Unknown option');
  });

  it('prints its version', () => {
    expect(parse('--version')).toEqual({ print: '1.2.3' });
  });

  it('prints its help even if other arguments are wrong', () => {
    const answer = parse('--help', '--ds=never');
    expect('print' in answer ? answer.print : answer).toMatchInlineSnapshot(`
      "some-job --ds=2010-12-01 [options]

      Does some work for a day.

      Options:
        --ds=DAY                  day to process (UTC)
        --through=DAY             last day of the range that starts at --ds
        --parallel=NUMBER         number of days to process in parallel [default: 4]
        --newest-first            process the days of a range in reverse order
        --run-id=NAME             name of this run; a retry with the same name resumes it
        --wait=TIME               time to wait for the input, e.g. 30m [default: no wait]
        --look-back=NUMBER        then also process those of so many earlier days, and of the captured ones before, that differ from what was made of them [default: 0]
        --log-format=pretty|json  format of the log on stderr [default: pretty on a terminal, otherwise json]
        --force                   process the day again even if nothing has changed
        --dry-run                 print the plan without changing anything
        --check                   check dependencies and permissions, then exit
        --help                    show this help
        --version                 show the version
        --depends-on-past         refuse to load if the previous day has not been loaded

      Environment variables:
        PIPELINE_BUCKET                      bucket that holds the stages [required]
        KUBERNETES_JOB_NAME                  without --ds: name of a CronJob's Job, which contains its scheduled time; the job processes the day before
        SCHEDULE_OFFSET                      with KUBERNETES_JOB_NAME: 1 (the default) processes the day before the scheduled time, 0 the day itself
        BACKFILL_FROM                        without --ds, in an Indexed Job: day of index 0
        JOB_COMPLETION_INDEX                 number of days after BACKFILL_FROM; set by Kubernetes
        OTEL_EXPORTER_OTLP_ENDPOINT          URL of a collector that takes OTLP/JSON; omit to send no telemetry
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT   URL for traces alone, with its path
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT  URL for metrics alone, with its path
        OTEL_EXPORTER_OTLP_HEADERS           headers for the collector: key=value,key=value
        OTEL_EXPORTER_OTLP_TIMEOUT           longest duration of a request to the collector, in milliseconds; 1 s is the limit
        OTEL_EXPORTER_OTLP_PROTOCOL          only http/json
        OTEL_RESOURCE_ATTRIBUTES             attributes of all telemetry: key=value,key=value
        OTEL_SERVICE_NAME                    service.name in telemetry, instead of the job
        OTEL_SDK_DISABLED                    true sends no telemetry
        TRACEPARENT                          trace that this run belongs to, as W3C Trace Context
        TRACESTATE                           what others add to that trace
        OPENLINEAGE_URL                      address of a service that takes OpenLineage events, such as http://marquez:5000; without it, no events are sent
        OPENLINEAGE_ENDPOINT                 path of that address; one that ends with /batch gets all events of a run in one request [default: api/v1/lineage]
        OPENLINEAGE_API_KEY                  token that is sent with the events, as Bearer
        OPENLINEAGE_DISABLED                 true: no events are sent
        OPENLINEAGE_NAMESPACE                namespace of the jobs in the events [default: user-behaviour]
        OPENLINEAGE_SOURCE                   postgres://host:port/database by which others know the source, if that is not its address here
        OPENLINEAGE_PARENT_ID                the run that started this one, as namespace/job/run id; set by a scheduler
        OPENLINEAGE_ROOT_PARENT_ID           the first run of that chain, in the same form

      Exit codes: 0 done or nothing to do; 64 wrong command line; 65 wrong data; 70 bug;
      74 done, but the report is lost; 75 not ready or transient, try again; 78 wrong configuration;
      143 stopped by a signal."
    `);
  });
});

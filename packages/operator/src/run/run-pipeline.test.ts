import { describe, expect, it, vi } from 'vitest';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import type { ChainResult } from './chain.ts';
import type { JobResult, Summary } from './job-process.ts';
import { jobArguments, pipelineSummary, pipelineTable, pipelineVerdict } from './run-pipeline.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const days = dsRange(parseDs('2010-12-01'), parseDs('2010-12-02'));
const first = days.slice(0, 1);

const summary = (ds: string, exit: number, more: object = {}): Summary => ({
  job: 'j',
  ds,
  run: 'r',
  status: exit === 0 ? 'published' : 'failed',
  exit,
  ...more,
});
const all = (exit: number, more: object = {}): JobResult => ({
  exit,
  days: days.map((ds) => summary(ds, exit, more)),
});
const good: ChainResult = {
  'extract-purchases': all(0, { rows: 1450 }),
  'stage-reviews': all(0, { rows: 10_662, status: 'unchanged' }),
  'emr-clean': all(0, { rows: 10_662 }),
  'redshift-load': all(0, { rows: 82, status: 'loaded' }),
};

describe('the arguments of a job', () => {
  it('are the day, or the range with how many at a time', () => {
    expect(
      jobArguments(first, { parallel: 4, order: 'newest-first', passOn: ['--wait=30m'] }),
    ).toEqual(['--ds=2010-12-01', '--wait=30m']);
    const range = ['--ds=2010-12-01', '--through=2010-12-02', '--parallel=4'];
    const options = { parallel: 4, passOn: [] };
    expect(jobArguments(days, { ...options, order: 'oldest-first' })).toEqual(range);
    expect(jobArguments(days, { ...options, order: 'newest-first' })).toEqual([
      ...range,
      '--newest-first',
    ]);
  });
});

describe('the table of a run', () => {
  it('has a line a day: what each job did, with its rows', () => {
    expect(pipelineTable(first, good)).toBe(
      [
        'ds          purchases       reviews          cleaned reviews  customers',
        '----------  --------------  ---------------  ---------------  ---------',
        '2010-12-01  published 1450  unchanged 10662  published 10662  loaded 82',
      ].join('\n'),
    );
  });

  it('tells what failed, what gave no answer and what was not run', () => {
    const table = pipelineTable(days, {
      'extract-purchases': {
        exit: 65,
        days: [summary('2010-12-01', 65, { kind: 'data' })],
      },
      'stage-reviews': all(0, { rows: 5 }),
    });
    const [, , one, two] = table.split('\n');
    expect(one).toMatch(/^2010-12-01 {2}FAILED \(65 data\) +published 5 +not run +not run$/);
    expect(two).toMatch(/^2010-12-02 {2}no answer +published 5 +not run +not run$/);
  });

  it('tells the exit code of a job that ended before any day', () => {
    const misconfigured = { ...good, 'redshift-load': { exit: 78, days: [] } };
    expect(pipelineTable(first, misconfigured)).toMatch(/published 10662 +FAILED \(78\)$/);
  });
});

describe('the verdict on a run', () => {
  it('is good when every job did every day', () => {
    expect(pipelineVerdict(days, good)).toEqual({ exit: 0, failed: [] });
  });

  it('is the most severe exit, and names the days', () => {
    const result: ChainResult = {
      ...good,
      'emr-clean': {
        exit: 65,
        days: [summary('2010-12-01', 0), summary('2010-12-02', 65)],
      },
      'redshift-load': {
        exit: 75,
        days: [summary('2010-12-01', 0), summary('2010-12-02', 75)],
      },
    };
    expect(pipelineVerdict(days, result)).toEqual({ exit: 65, failed: ['2010-12-02'] });
  });

  it.each([
    [[75, 143], 143],
    [[143, 65], 65],
    [[65, 64], 64],
    [[64, 78], 78],
    [[78, 70], 70],
    [[1, 0], 70],
  ] as const)('of exits %j is %i', ([extract, stage], exit) => {
    const result = { ...good, 'extract-purchases': all(extract), 'stage-reviews': all(stage) };
    expect(pipelineVerdict(days, result)).toEqual({ exit, failed: days });
  });

  it('is that of a lost report only if nothing else failed', () => {
    const lost = { ...good, 'emr-clean': { ...all(0), exit: 74 } };
    expect(pipelineVerdict(days, lost)).toEqual({ exit: 74, failed: [] });
    const untold = { ...good, 'emr-clean': { exit: 74, days: [] } };
    expect(pipelineVerdict(days, untold)).toEqual({ exit: 74, failed: [] });
    expect(pipelineTable(first, untold)).toMatch(/report lost +loaded 82$/);
    const failed = { ...lost, 'redshift-load': all(75) };
    expect(pipelineVerdict(days, failed)).toEqual({ exit: 75, failed: days });
  });

  it('is never good for a day that a job did not tell of', () => {
    const silent = { ...good, 'redshift-load': { exit: 0, days: [summary('2010-12-01', 0)] } };
    expect(pipelineVerdict(days, silent)).toEqual({ exit: 70, failed: ['2010-12-02'] });
  });
});

describe('the summary of a run', () => {
  it('counts the jobs of one day', () => {
    const { 'extract-purchases': extract, 'stage-reviews': stage } = good;
    const stopped = { 'extract-purchases': extract, 'stage-reviews': { ...stage, exit: 65 } };
    expect(pipelineSummary(first, good, 12_300)).toBe('4 jobs: 4 ok, 0 failed in 12 s');
    expect(pipelineSummary(first, stopped as ChainResult, 900)).toBe(
      '4 jobs: 1 ok, 1 failed, 2 not run in 0.9 s',
    );
  });

  it('counts a job whose report is lost as ok', () => {
    const lost = { ...good, 'redshift-load': { ...all(0), exit: 74 } };
    expect(pipelineSummary(first, lost, 900)).toBe('4 jobs: 4 ok, 0 failed in 0.9 s');
  });

  it('counts the days of a range', () => {
    const result = { ...good, 'redshift-load': { exit: 65, days: [summary('2010-12-01', 0)] } };
    expect(pipelineSummary(days, result, 185_000)).toBe('2 days: 1 ok, 1 failed in 3 min 5 s');
  });
});

import { describe, expect, it } from 'vitest';
import type { DayRecord } from '../day-record.ts';
import { jobReport } from './job-report.ts';

const caller = '00f067aa0ba902b7';
const [start, end] = [Date.parse('2010-12-02T00:15:00Z'), Date.parse('2010-12-02T00:15:09Z')];

const published: DayRecord = {
  job: 'extract-purchases',
  version: '0.1.0',
  ds: '2010-12-01',
  run: 'r1',
  status: 'published',
  exit: 0,
  seconds: 3,
  startedAt: '2010-12-02T00:15:00.250Z',
  finishedAt: '2010-12-02T00:15:03.250Z',
  publishedRun: 'r1',
  rows: 1450,
  rejected: 0,
  bytes: 123_456,
  generation: 2,
  minQuantity: 2,
  parameters: { minQuantity: 2, format: 'csv' },
  phases: [
    { name: 'source', startedAt: '2010-12-02T00:15:00.300Z', seconds: 0.2 },
    {
      name: 'upload',
      startedAt: '2010-12-02T00:15:01.000Z',
      seconds: 1.5,
      facts: { key: 'user_purchase/stage/2010-12-01/r1/a.csv', other: 'secret' },
    },
  ],
};
const failed: DayRecord = {
  ...published,
  ds: '2010-12-02',
  status: 'failed',
  exit: 65,
  startedAt: '2010-12-02T00:15:03.250Z',
  finishedAt: '2010-12-02T00:15:04.000Z',
  kind: 'data',
  message: 'wrong rows',
  audit: 'amounts_fit',
  phases: [{ name: 'copy', startedAt: published.startedAt, seconds: 0.1, failed: true }],
};
const report = (...records: DayRecord[]) =>
  jobReport(records, { start, end, parentSpanId: caller });

describe('the spans of a job', () => {
  const { spans } = report(published, failed);
  const [process, day, source, upload, other, copy] = spans;

  it('are a tree: process, days, phases', () => {
    expect(spans.map(({ name }) => name)).toEqual([
      'extract-purchases',
      'day',
      'source',
      'upload',
      'day',
      'copy',
    ]);
    expect(process?.parentSpanId).toBe(caller);
    expect([day, other].map((one) => one?.parentSpanId)).toEqual([
      process?.spanId,
      process?.spanId,
    ]);
    expect([source, upload].map((one) => one?.parentSpanId)).toEqual([day?.spanId, day?.spanId]);
    expect(copy?.parentSpanId).toBe(other?.spanId);
    const ids = spans.map(({ spanId }) => spanId);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('begin and end when the work did', () => {
    expect(process).toMatchObject({ start, end });
    expect(day).toMatchObject({ start: start + 250, end: start + 3_250 });
    expect(upload).toMatchObject({ start: start + 1_000, end: start + 2_500 });
  });

  it('have identifiers, counts and names, and nothing else of a record', () => {
    expect(day?.attributes).toEqual({
      'pipeline.ds': '2010-12-01',
      'pipeline.run': 'r1',
      'pipeline.status': 'published',
      'pipeline.published_run': 'r1',
      'pipeline.generation': 2,
      'pipeline.rows': 1450,
      'pipeline.rejected': 0,
      'pipeline.bytes': 123_456,
    });
    expect(upload?.attributes).toEqual({ 'aws.s3.key': 'user_purchase/stage/2010-12-01/r1/a.csv' });
  });

  it('say what failed', () => {
    expect(process).toMatchObject({
      error: '1 of 2 days failed',
      attributes: { 'process.exit.code': 65, 'error.type': '65', 'pipeline.days': 2 },
    });
    expect(other).toMatchObject({
      error: 'wrong rows',
      attributes: { 'error.type': 'data', 'pipeline.audit': 'amounts_fit' },
    });
    expect(copy?.error).toBe('the phase failed; its day says why');
    expect(day?.error).toBeUndefined();
    expect(report(published).spans[0]).toMatchObject({
      error: undefined,
      attributes: { 'process.exit.code': 0 },
    });
  });

  it('begin a trace where there is no caller', () => {
    const [first] = jobReport([published], { start, end }).spans;
    expect(first?.parentSpanId).toBeUndefined();
  });
});

describe('the metrics of a job', () => {
  const values = (records: readonly DayRecord[]) =>
    Object.fromEntries(
      report(...records).metrics.map(({ name, points }) => [
        name,
        points.map(({ attributes, values }) => [attributes['pipeline.status'] ?? '', ...values]),
      ]),
    );
  const newer: DayRecord = { ...published, ds: '2010-12-02', finishedAt: '2010-12-03T06:00:00Z' };

  it('are rows, bytes, durations by status, and the lag of the newest day', () => {
    expect(values([published, newer, failed])).toEqual({
      'pipeline.day.duration': [
        ['published', 3, 107_099.75],
        ['failed', 0.75],
      ],
      'pipeline.rows': [['', 2_900]],
      'pipeline.bytes': [['', 246_912]],
      'pipeline.lag': [['', 903.25]],
    });
  });

  it('count nothing that an earlier run has written', () => {
    const metrics = values([{ ...published, status: 'unchanged' }]);
    expect(metrics).toMatchObject({ 'pipeline.rows': [['', 0]], 'pipeline.bytes': [['', 0]] });
    expect(metrics).not.toHaveProperty('pipeline.lag');
  });

  it('have no lag of a day that is not over', () => {
    expect(values([{ ...published, ds: '2010-12-02' }])).not.toHaveProperty('pipeline.lag');
  });

  it('never name a day, a run or a value', () => {
    const keys = report(published, newer, failed).metrics.flatMap(({ points }) =>
      points.flatMap(({ attributes }) => Object.keys(attributes)),
    );
    expect(new Set(keys)).toEqual(new Set(['pipeline.job', 'pipeline.status']));
  });
});

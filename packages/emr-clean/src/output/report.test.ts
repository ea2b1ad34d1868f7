import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { validateReport, parseReport, type Report } from './report.ts';

const report: Report = {
  version: 1,
  ds: '2010-12-01',
  run: 'r1',
  read: 200,
  accepted: 198,
  positive: 7,
  rejected: { bad_cid: 2, null_review: 0 },
  written: true,
};
const expected = {
  ds: '2010-12-01',
  run: 'r1',
  rows: 200,
  maxRejected: 0.01,
  rejects: 's3://lake/movie_review/rejects/2010-12-01/r1/',
};

function failure(change: Partial<Report>): Failure {
  try {
    validateReport({ ...report, ...change }, expected);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('expected a failure');
}

describe('validateReport', () => {
  it('accepts a day at the allowed share of rejects, and a day without reviews', () => {
    validateReport(report, expected);
    const empty = { ...report, read: 0, accepted: 0, positive: 0, rejected: {} };
    validateReport(empty, { ...expected, rows: 0 });
  });

  it('compares with the share as it was written', () => {
    const rejects = { ...report, read: 100, accepted: 71, rejected: { bad_cid: 29 } };
    validateReport(rejects, { ...expected, rows: 100, maxRejected: 0.29 });
  });

  it('fails on one reject too many, and names the counts and the folder of the rejected lines', () => {
    const { kind, message, action } = failure({ accepted: 197, rejected: { bad_cid: 2, x: 1 } });
    expect(kind).toBe('data');
    expect(message).toContain('3 of 200 reviews of 2010-12-01 were rejected (bad_cid 2, x 1)');
    expect(action).toContain(expected.rejects);
  });

  it('fails if the script wrote nothing, or if rows were lost or added (I8)', () => {
    expect(failure({ written: false }).kind).toBe('data');
    expect(failure({ read: 199, accepted: 197 }).message).toContain('read 199');
    expect(failure({ accepted: 199 }).message).toContain('does not add up');
    expect(failure({ positive: 199 }).message).toContain('does not add up');
  });

  it('fails on the report of another day or run', () => {
    expect(failure({ ds: '2010-12-02' }).message).toContain('describes 2010-12-02, run r1');
    expect(failure({ run: 'r2' }).message).toContain('describes 2010-12-01, run r2');
  });
});

describe('parseReport', () => {
  it('parses what the script writes', () => {
    expect(parseReport(JSON.stringify(report), 's3://lake/k')).toEqual(report);
  });

  it('names the object that is not a report', () => {
    expect(() => parseReport('{', 's3://lake/k')).toThrow(/s3:\/\/lake\/k is not JSON/);
    expect(() => parseReport('{"version":2}', 's3://lake/k')).toThrow(
      /s3:\/\/lake\/k is not a report/,
    );
  });
});

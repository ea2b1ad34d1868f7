import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { describe, expect, it } from 'vitest';
import { recordedApplication } from './recorded-application.ts';

const ds = '2010-12-01';

const record = (more: Partial<DayRecord> = {}): DayRecord => ({
  job: 'emr-clean',
  version: '1',
  ds,
  run: 'r1',
  status: 'published',
  exit: 0,
  seconds: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  phases: [],
  ...more,
});

const steps = [
  { name: 'emr-clean/2010-12-01/r1/1-copy-in', id: 's-1' },
  { name: 'emr-clean/2010-12-01/r1/2-clean', id: 's-2' },
  { name: 'emr-clean/2010-12-01/r1/3-copy-out', id: 's-3' },
];

describe('recordedApplication', () => {
  it('is that of the newest run that had a cluster', () => {
    const records = [
      record({ run: 'old', clusterId: 'j-OLD' }),
      record({ clusterId: 'j-1', steps }),
      record({ run: 'r2', status: 'unchanged' }),
      record({ job: 'redshift-load', run: 'r3', clusterId: 'j-2' }),
      record({ ds: '2010-12-02', run: 'r4', clusterId: 'j-3' }),
    ];
    expect(recordedApplication(records, ds)).toEqual({
      run: 'r1',
      clusterId: 'j-1',
      applicationId: undefined,
      stepId: 's-2',
    });
  });

  it('has the application that EMR named, and no step if Spark did not run', () => {
    const failed = record({ clusterId: 'j-1', applicationId: 'application_1_1', steps: [] });
    expect(recordedApplication([failed], ds)).toEqual({
      run: 'r1',
      clusterId: 'j-1',
      applicationId: 'application_1_1',
      stepId: undefined,
    });
  });

  it('ignores facts that it does not understand', () => {
    const strange = record({ clusterId: 'j-1', applicationId: 5, steps: 'none' });
    expect(recordedApplication([strange], ds)).toMatchObject({ clusterId: 'j-1' });
    expect(recordedApplication([record({ clusterId: 7 })], ds)).toBeUndefined();
    expect(recordedApplication([], ds)).toBeUndefined();
  });
});

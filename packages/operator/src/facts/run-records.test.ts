import { describe, expect, it } from 'vitest';
import { newestWithin, parseRecords } from './run-records.ts';

const record = (given: Readonly<Record<string, unknown>> = {}) => ({
  job: 'extract-purchases',
  version: '1.2.3',
  ds: '2010-12-01',
  run: 'r',
  status: 'published',
  exit: 0,
  seconds: 1,
  startedAt: '2010-12-02T00:15:00.000Z',
  finishedAt: '2010-12-02T00:15:01.000Z',
  phases: [],
  ...given,
});
const text = (...records: readonly object[]) =>
  records.map((one) => `${JSON.stringify(one)}\n`).join('');

describe('the records of runs', () => {
  it('are sorted by their end, then by stage, and keep what the job noted', () => {
    const late = record({ finishedAt: '2010-12-02T00:20:00.000Z', stepId: 's-1' });
    const load = record({ job: 'redshift-load' });
    const { records, broken } = parseRecords([text(late, load), text(record())], {});
    expect(records).toEqual([record(), load, late]);
    expect(broken).toBe(0);
  });

  it('count once where two objects of a process hold them', () => {
    const { records } = parseRecords([text(record()), text(record())], {});
    expect(records).toEqual([record()]);
  });

  it('are those of the days between the bounds', () => {
    const days = ['2010-12-01', '2010-12-02', '2010-12-03'].map((ds) => record({ ds }));
    const [, second] = days;
    const bounds = { from: second?.ds, to: second?.ds } as Parameters<typeof parseRecords>[1];
    expect(parseRecords([text(...days)], bounds).records).toEqual([second]);
  });

  it.each([
    ['cut off', '{"job":"extract-pur'],
    ['of something else', '{"job":"extract-purchases"}'],
    ['of no day', JSON.stringify(record({ ds: '2010-02-30' }))],
    ['with an unknown kind of failure', JSON.stringify(record({ kind: 'magic' }))],
    ['without a time', JSON.stringify(record({ finishedAt: 'yesterday' }))],
  ])('leave out and count a line that is %s', (_, line) => {
    const { records, broken } = parseRecords([`${line}\n${text(record())}`], {});
    expect(records).toEqual([record()]);
    expect(broken).toBe(1);
  });

  it('are read from the newest objects within the limits', () => {
    const objects = [1, 2, 3].map((modified) => ({
      key: String(modified),
      bytes: 10,
      etag: 'e',
      modified,
    }));
    const keys = (limits: Parameters<typeof newestWithin>[0]) =>
      newestWithin(limits, objects).map(({ key }) => key);
    expect(keys({ objects: 3, bytes: 30 })).toEqual(['3', '2', '1']);
    expect(keys({ objects: 2, bytes: 30 })).toEqual(['3', '2']);
    expect(keys({ objects: 3, bytes: 29 })).toEqual(['3', '2']);
    expect(keys({ objects: 3, bytes: 1 })).toEqual(['3']);
    expect(newestWithin({ objects: 3, bytes: 30 }, [])).toEqual([]);
  });
});

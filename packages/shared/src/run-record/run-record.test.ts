import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { InMemoryS3, s3Error } from '../../test/in-memory-s3.ts';
import type { DayRecord } from '../runner/day-record.ts';
import { RunRecord } from './run-record.ts';

const recordOf = (ds: string, seconds: number): DayRecord => ({
  job: 'some-job',
  version: '1.2.3',
  ds,
  run: 'r',
  status: 'published',
  exit: 0,
  seconds,
  startedAt: '2010-12-02T00:15:00.000Z',
  finishedAt: '2010-12-02T00:15:01.000Z',
  phases: [],
});
const first = [recordOf('2010-12-01', 1), recordOf('2010-12-02', 2)];
const second = [recordOf('2010-12-01', 3)];
const { signal } = new AbortController();
const key = 'runs/some-job/r.jsonl';
const linesOf = (s3: InMemoryS3, name: string) =>
  (s3.text(name) ?? '')
    .split('\n')
    .map((line) => (line === '' ? '' : (JSON.parse(line) as unknown)));

function fixture() {
  const s3 = new InMemoryS3();
  return { s3, record: new RunRecord({ s3: s3.client, bucket: 'stages' }) };
}

describe('the record of a run in the bucket', () => {
  it('is an object with a line a day', async () => {
    const { s3, record } = fixture();
    await record.send(first, signal);
    expect([...s3.objects.keys()]).toEqual([key]);
    expect(linesOf(s3, key)).toEqual([...first, '']);
  });

  it('is kept when a second process has the same run: that one adds its own', async () => {
    const { s3, record } = fixture();
    await record.send(first, signal);
    const before = s3.text(key);
    await record.send(second, signal);
    await record.send(second, signal);
    const keys = [...s3.objects.keys()];
    expect(s3.text(key)).toBe(before);
    expect(keys).toHaveLength(3);
    for (const added of keys.slice(1)) {
      expect(added).toMatch(/^runs\/some-job\/r\.\d{8}T\d{6}Z-[0-9a-f]{6}\.jsonl$/);
      expect(linesOf(s3, added)).toEqual([...second, '']);
    }
  });

  it('is whole if the answer was lost and the request is repeated', async () => {
    const { s3, record } = fixture();
    s3.after = ({ name }) => {
      s3.after = () => undefined;
      if (name === 'PutObjectCommand') throw s3Error('PreconditionFailed', 412);
    };
    await record.send(first, signal);
    const bodies = [...s3.objects.keys()].map((name) => s3.text(name));
    expect(bodies).toHaveLength(2);
    expect(new Set(bodies).size).toBe(1);
  });

  it('is not written if the first request is refused for another reason', async () => {
    const { s3, record } = fixture();
    s3.before = () => {
      throw s3Error('AccessDenied', 403);
    };
    const failure = await failureOf(() => record.send(first, signal));
    expect(failure.message).toContain(`s3://stages/${key}`);
    expect(s3.named('PutObjectCommand')).toHaveLength(1);
  });

  it('is given up with the signal', async () => {
    const { s3, record } = fixture();
    await expect(record.send(first, AbortSignal.abort())).rejects.toThrow();
    expect(s3.objects.size).toBe(0);
  });
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DayRecord, RecordSink } from '../runner/day-record.ts';
import { createLog } from '../runner/log.ts';
import { limit, sendRecords } from './send-records.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const records: readonly DayRecord[] = [
  {
    job: 'some-job',
    version: '1.2.3',
    ds: '2010-12-01',
    run: 'r',
    status: 'published',
    exit: 0,
    seconds: 1,
    startedAt: '2010-12-02T00:15:00.000Z',
    finishedAt: '2010-12-02T00:15:01.000Z',
    phases: [],
  },
];

function sending(sends: readonly RecordSink['send'][], given = records) {
  const lines: string[] = [];
  const log = createLog('some-job', 'json', { write: (line) => lines.push(line) }, 'info');
  const sinks = sends.map((send, index) => ({ name: `sink ${String(index)}`, send }));
  let isDone = false;
  const done = sendRecords(given, sinks, log).then(() => void (isDone = true));
  return { lines, done, isDone: () => isDone };
}

it('gives all records to each sink', async () => {
  const taken: unknown[] = [];
  const take: RecordSink['send'] = (sent) => Promise.resolve(void taken.push(sent));
  const { lines, done } = sending([take, take]);
  await done;
  expect(taken).toEqual([records, records]);
  expect(lines).toEqual([]);
});

it('ends sinks that hang together after one second, aborts them and logs a line for each', async () => {
  const signals: AbortSignal[] = [];
  const hang: RecordSink['send'] = (_, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  const { lines, done, isDone } = sending([hang, hang, () => Promise.resolve()]);
  expect(limit).toBe(1_000);
  await vi.advanceTimersByTimeAsync(limit - 1);
  expect([isDone(), signals.map(({ aborted }) => aborted)]).toEqual([false, [false, false]]);
  await vi.advanceTimersByTimeAsync(1);
  await done;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 40, msg: expect.stringContaining('sink 0: no answer within 1 s') as string },
    { level: 40, msg: expect.stringContaining('sink 1: no answer within 1 s') as string },
  ]);
});

it.each<[string, RecordSink['send']]>([
  ['rejects', () => Promise.reject(new Error('Access Denied'))],
  [
    'throws',
    () => {
      throw new Error('Access Denied');
    },
  ],
])('survives a sink that %s', async (_, send) => {
  const { lines, done } = sending([send]);
  await done;
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('could not be sent to sink 0: Access Denied');
});

it('sends nothing if there is no record', async () => {
  const { done } = sending([() => Promise.reject(new Error('sent'))], []);
  await done;
});

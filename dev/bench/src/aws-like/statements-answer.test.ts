import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Message } from './front.ts';
import { dataApiCall, statementsTime } from './latencies.ts';
import { emptyRecording, now } from './recording.ts';
import { statementsAnswer } from './statements-answer.ts';

vi.mock('node:timers/promises', { spy: true });
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  vi.mocked(sleep).mockImplementation((pause = 0) => {
    clock += pause;
    return Promise.resolve(undefined as never);
  });
});

const Sqls = [
  'lock public.l',
  'insert into t select 1 from spectrum.a',
  'select 1 from spectrum.b',
];
const time = statementsTime(Sqls);
const finished = { Id: 'id', Status: 'FINISHED', HasResultSet: true };

function dataApi() {
  const recording = emptyRecording();
  const answer = statementsAnswer(recording);
  /** A call that the local warehouse answers at once, with a statement that has finished. */
  const call = async (operation: string, request: Message, reply: Message = finished) => {
    const arrived = now();
    clock += dataApiCall;
    return answer({ job: 'redshift-load', operation, arrived, request }, reply);
  };
  return { recording, call };
}

it('a load runs for its time; each wait is held until its end or the patience of the caller', async () => {
  const { recording, call } = dataApi();
  const submitted = await call('BatchExecuteStatement', { Sqls, WaitTimeSeconds: 2 });
  expect(submitted).toEqual({ Id: 'id', Status: 'STARTED', HasResultSet: false });
  expect(clock).toBe(dataApiCall + 2_000);
  expect(await call('DescribeStatement', { Id: 'id', WaitTimeSeconds: 30 })).toEqual(finished);
  expect(clock).toBe(dataApiCall + time);
  expect(recording.loads).toBe(1);
  const begun = performance.timeOrigin + dataApiCall;
  expect(recording.waits).toEqual([
    { kind: 'statement', job: 'redshift-load', from: begun, until: begun + time },
    { kind: 'unnoticed', job: 'redshift-load', from: begun + time, until: begun + time },
  ]);
});

it('what is asked for too late counts as unnoticed, once', async () => {
  const { recording, call } = dataApi();
  await call('ExecuteStatement', { Sql: 'select 1' });
  clock = 60_000;
  await call('DescribeStatement', { Id: 'id' });
  await call('DescribeStatement', { Id: 'id' });
  const [, unnoticed, ...rest] = recording.waits;
  expect(rest).toEqual([]);
  expect(unnoticed).toMatchObject({ kind: 'unnoticed', until: performance.timeOrigin + 60_000 });
  expect(recording.loads).toBe(0);
});

it('other calls, and statements that run here, are passed on', async () => {
  const { call } = dataApi();
  const running = { Id: 'id', Status: 'STARTED' };
  expect(await call('DescribeStatement', { Id: 'id', WaitTimeSeconds: 1 }, running)).toBe(running);
  const page = { Records: [] };
  expect(await call('GetStatementResult', { Id: 'id:1' }, page)).toBe(page);
});

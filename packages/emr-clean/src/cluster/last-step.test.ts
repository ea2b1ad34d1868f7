import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '@user-behaviour/shared/runner/log';
import { beforeEach, expect, it, vi } from 'vitest';
import type { EmrCluster } from './emr.ts';
import { removal } from './hdfs-folders.ts';
import { StepRunner } from './step-runner.ts';

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

const step = removal('emr-clean/2010-12-01/one/4-clean-up', [
  'hdfs:///movie_review/2010-12-01/one',
]);

/** The last step ends in this state after so many milliseconds; returns the log, and how long the job waited. */
async function waitFor(end: string, after: number) {
  const lines: string[] = [];
  const status = () => ({ State: clock < after ? 'RUNNING' : end });
  const cluster = {
    id: 'j-1',
    addStep: () => Promise.resolve('s-1'),
    describeStep: () =>
      Promise.resolve({ id: 's-1', name: step.name, args: step.args, status: status() }),
  } as unknown as EmrCluster;
  const runner = new StepRunner({
    cluster,
    signal: new AbortController().signal,
    log: createLog('test', 'json', { write: (line: string) => void lines.push(line) }, 'info'),
    timeout: 3_600_000,
  });
  const wait = await runner.addLast(step, 15_000);
  await wait();
  return { log: lines.join(''), waited: clock };
}

it.each([
  ['that ends soon is waited for', 'COMPLETED', 800, [], ['left to end', 'may stay on HDFS']],
  ['that fails soon is told of', 'FAILED', 800, ['may stay on HDFS'], ['left to end']],
  ['that takes long is left to end', 'COMPLETED', 15_000, ['left to end'], ['may stay on HDFS']],
  ['that would fail later is not waited for', 'FAILED', 15_000, ['left to end'], []],
])('a last step %s', async (_, end, after, said, unsaid) => {
  const { log, waited } = await waitFor(end, after);
  for (const text of said) expect(log).toContain(text);
  for (const text of unsaid) expect(log).not.toContain(text);
  expect(waited).toBeGreaterThanOrEqual(Math.min(after, 5_000));
  expect(waited).toBeLessThanOrEqual(5_000);
});

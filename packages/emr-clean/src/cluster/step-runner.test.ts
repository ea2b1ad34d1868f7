import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it } from 'vitest';
import type { EmrCluster, RemoteStep } from './emr.ts';
import { StepRunner } from './step-runner.ts';
import type { Step } from './steps.ts';

const step: Step = { kind: 'copy', name: 'emr-clean/2010-12-01/one/1-copy-in', args: ['a'] };
const remote = (id: string, State: string, args = step.args): RemoteStep => ({
  id,
  name: step.name,
  args,
  status: { State },
});

/** A cluster that completes every step at once. With `loseReply`, the reply to the first addition is lost. */
function clusterWith(steps: RemoteStep[], { loseReply = false } = {}) {
  const added: Step[] = [];
  const cluster = {
    id: 'j-1',
    listSteps: () => Promise.resolve([...steps]),
    describeStep: (id: string) => Promise.resolve(steps.find((one) => one.id === id)),
    addStep: (submitted: Step) => {
      added.push(submitted);
      steps.unshift(remote(`s-${String(added.length)}`, 'COMPLETED', submitted.args));
      const lostReply = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return loseReply && added.length === 1
        ? Promise.reject(lostReply)
        : Promise.resolve(steps[0]?.id);
    },
    requireAlive: () => Promise.resolve(),
  } as unknown as EmrCluster;
  const runner = new StepRunner({
    cluster,
    signal: new AbortController().signal,
    log: createLog('test', 'json', { write: () => undefined }, 'silent'),
    timeout: 10_000,
  });
  return { runner, added };
}

describe('StepRunner', () => {
  it('prepares and adds a step that the cluster does not have', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'COMPLETED', ['another'])]);
    let prepared = 0;
    await runner.run(step, () => {
      prepared += 1;
      return Promise.resolve();
    });
    expect([added, prepared]).toEqual([[step], 1]);
  });

  it('resumes a step that the cluster has, without adding it again (I5)', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'COMPLETED')]);
    await runner.run(step, () => Promise.reject(new Error('expected no preparation')));
    expect(added).toEqual([]);
  });

  it('adds a failed step again', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'FAILED')]);
    await runner.run(step);
    expect(added).toEqual([step]);
  });

  it('looks a step up after a lost reply, and does not add it twice (I5)', async () => {
    const { runner, added } = clusterWith([], { loseReply: true });
    await runner.run(step);
    expect(added).toEqual([step]);
  });
});

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

/** A cluster that completes every step it takes; `lose` loses the answer of the first addition. */
function clusterWith(steps: RemoteStep[], { lose = false } = {}) {
  const added: Step[] = [];
  const cluster = {
    id: 'j-1',
    listSteps: () => Promise.resolve([...steps]),
    describeStep: (id: string) => Promise.resolve(steps.find((one) => one.id === id)),
    addStep: (taken: Step) => {
      added.push(taken);
      steps.unshift(remote(`s-${String(added.length)}`, 'COMPLETED', taken.args));
      const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return lose && added.length === 1 ? Promise.reject(lost) : Promise.resolve(steps[0]?.id);
    },
    check: () => Promise.resolve(),
  } as unknown as EmrCluster;
  const runner = new StepRunner({
    cluster,
    signal: new AbortController().signal,
    log: createLog('test', 'json', { write: () => undefined }, 'silent'),
    timeout: 10_000,
  });
  return { runner, added };
}

describe('a step', () => {
  it('that the cluster does not have is prepared and added', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'COMPLETED', ['another'])]);
    let prepared = 0;
    await runner.run(step, () => {
      prepared += 1;
      return Promise.resolve();
    });
    expect([added, prepared]).toEqual([[step], 1]);
  });

  it('that the cluster has is taken up and not added again (I5)', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'COMPLETED')]);
    await runner.run(step, () => Promise.reject(new Error('prepared all the same')));
    expect(added).toEqual([]);
  });

  it('that has failed is added anew', async () => {
    const { runner, added } = clusterWith([remote('s-0', 'FAILED')]);
    await runner.run(step);
    expect(added).toEqual([step]);
  });

  it('whose answer was lost is looked for, and not added twice (I5)', async () => {
    const { runner, added } = clusterWith([], { lose: true });
    await runner.run(step);
    expect(added).toEqual([step]);
  });
});

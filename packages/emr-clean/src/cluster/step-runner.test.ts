import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it } from 'vitest';
import type { EmrCluster, RemoteStep } from './emr.ts';
import { removal } from './hdfs-folders.ts';
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
function clusterWith(steps: RemoteStep[], { loseReply = false, refuse = false } = {}) {
  const added: Step[] = [];
  const told: string[] = [];
  const cluster = {
    id: 'j-1',
    listSteps: () => Promise.resolve([...steps]),
    describeStep: (id: string) => Promise.resolve(steps.find((one) => one.id === id)),
    addStep: (submitted: Step) => {
      if (refuse) return Promise.reject(new Error('no'));
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
    onStep: ({ name, id }) => void told.push(`${name} ${id}`),
  });
  return { runner, added, told };
}

describe('StepRunner', () => {
  it('tells the name and the id of a step that it adds or resumes', async () => {
    for (const [known, id] of [
      [[], 's-1'],
      [[remote('s-0', 'COMPLETED')], 's-0'],
    ] as const) {
      const { runner, told } = clusterWith([...known]);
      await runner.run(step);
      expect(told).toEqual([`${step.name} ${id}`]);
    }
  });

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

  it('adds a completed step again if its folder on HDFS has been removed since', async () => {
    const folder = 'hdfs:///movie_review/2010-12-01/one/0123456789ab';
    const copy: Step = { ...step, args: [`--dest=${folder}/load/`] };
    const done = remote('s-1', 'COMPLETED', copy.args);
    for (const state of ['COMPLETED', 'CANCELLED', 'FAILED']) {
      const gone = remote('s-2', state, removal('x', [folder]).args);
      const { runner, added } = clusterWith([gone, done]);
      await runner.run(copy);
      expect(added).toEqual([copy]);
    }
    const elsewhere = remote('s-2', 'COMPLETED', removal('x', [`${folder}/out`]).args);
    for (const steps of [
      [done, remote('s-0', 'COMPLETED', removal('x', [folder]).args)],
      [elsewhere, done],
    ]) {
      const { runner, added } = clusterWith(steps);
      await runner.run(copy);
      expect(added).toEqual([]);
    }
  });

  it.each([
    [[], false],
    [['FAILED'], false],
    [['COMPLETED'], false],
    [['removal RUNNING', 'COMPLETED'], true],
    [['removal COMPLETED', 'COMPLETED'], true],
    [['removal CANCELLED', 'COMPLETED'], false],
    [['removal COMPLETED', 'FAILED'], false],
    [['COMPLETED', 'removal COMPLETED'], false],
  ])('knows whether the files of a completed step are removed: %j', async (states, expected) => {
    const folder = 'hdfs:///movie_review/2010-12-01/one/0123456789ab';
    const copy: Step = { ...step, args: [`--src=${folder}/out/`] };
    const steps = states.map((state, at) =>
      remote(
        `s-${String(at)}`,
        state.replace('removal ', ''),
        state.startsWith('removal') ? removal('x', [folder]).args : copy.args,
      ),
    );
    expect(await clusterWith(steps).runner.isRemoved(copy)).toEqual(expected);
  });

  it('waits for a last step, and never fails because of it', async () => {
    const last = removal('last', ['hdfs:///a']);
    const { runner, added } = clusterWith([]);
    await (
      await runner.addLast(last, 1_000)
    )();
    expect(added).toEqual([last]);
    const broken = clusterWith([], { refuse: true });
    await (
      await broken.runner.addLast(last, 50)
    )();
    expect(broken.added).toEqual([]);
  });

  it('looks a step up after a lost reply, and does not add it twice (I5)', async () => {
    const { runner, added } = clusterWith([], { loseReply: true });
    await runner.run(step);
    expect(added).toEqual([step]);
  });
});

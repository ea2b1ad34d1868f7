import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StepOutcome, StepState } from '../clusters/cluster.ts';
import { cancelSteps, setIdleTimeout } from '../clusters/cluster-machine.ts';
import { Clusters } from '../clusters/clusters.ts';
import { sharedCluster } from '../clusters/new-cluster.ts';
import { addSteps } from './step-admission.ts';
import { StepRunner, type StepControl } from './step-runner.ts';

const ID = 'j-TEST';

let directory: string;
let clusters: Clusters;
let running: Map<string, { end: (outcome: StepOutcome) => void; control: StepControl }>;
let runner: StepRunner;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-runner-'));
  clusters = new Clusters(directory);
  running = new Map();
  runner = new StepRunner(clusters, (_cluster, step, control) => {
    const { promise, resolve } = Promise.withResolvers<StepOutcome>();
    running.set(step.name, { end: resolve, control });
    control.signal.addEventListener('abort', () => {
      resolve({ ok: false, reason: 'ended', message: 'by its signal' });
    });
    return step.name === 'broken' ? Promise.reject(new Error('a bug')) : promise;
  });
});

afterEach(async () => {
  await runner.close();
  rmSync(directory, { recursive: true });
});

function begin(...names: string[]): void {
  const steps = names.map((Name) => ({ Name, HadoopJarStep: { Jar: 'command-runner.jar' } }));
  clusters.create(addSteps(sharedCluster(ID, 0), steps, undefined, 0).cluster);
}

const states = (): StepState[] => clusters.get(ID)?.steps.map(({ state }) => state) ?? [];
const idOf = (name: string): string =>
  clusters.get(ID)?.steps.find((step) => step.name === name)?.id ?? '';

it('runs one step after another', async () => {
  begin('a', 'b');
  await expect.poll(states).toEqual(['RUNNING', 'PENDING']);
  running.get('a')?.end({ ok: true });
  await expect.poll(states).toEqual(['COMPLETED', 'RUNNING']);
  running.get('b')?.end({ ok: false, reason: 'r', message: 'm' });
  await expect.poll(states).toEqual(['COMPLETED', 'FAILED']);
  expect(clusters.get(ID)?.state).toBe('WAITING');
});

it('fails a step on an unexpected error, and continues', async () => {
  begin('broken', 'b');
  await expect.poll(states).toEqual(['FAILED', 'RUNNING']);
  expect(clusters.get(ID)?.steps[0]?.failure?.message).toBe('a bug');
});

it('ends a cancelled step, at once if requested', async () => {
  begin('a');
  await expect.poll(states).toEqual(['RUNNING']);
  clusters.update(ID, (cluster) => cancelSteps(cluster, [idOf('a')], true, 5).cluster);
  expect(running.get('a')?.control.killAtOnce()).toBe(true);
  await expect.poll(states).toEqual(['CANCELLED']);
});

it('records the process of a step for the endpoint after a kill', async () => {
  begin('a');
  await expect.poll(states).toEqual(['RUNNING']);
  running.get('a')?.control.onProcess({ pid: 77, started: 'now' });
  expect(new Clusters(directory).get(ID)?.steps[0]?.process).toEqual({ pid: 77, started: 'now' });
  running.get('a')?.end({ ok: true });
  await expect.poll(() => clusters.get(ID)?.steps[0]?.process).toBeUndefined();
});

it('fails running steps when it is closed, and starts no more', async () => {
  begin('a', 'b');
  await expect.poll(states).toEqual(['RUNNING', 'PENDING']);
  await runner.close();
  expect(states()).toEqual(['FAILED', 'PENDING']);
  expect(clusters.get(ID)?.steps[0]?.failure?.reason).toBe('The local cloud was stopped');
  expect([...running.keys()]).toEqual(['a']);
});

it('terminates an idle cluster when the time of its new policy ends', async () => {
  clusters.create(sharedCluster(ID, 0));
  await expect.poll(() => clusters.get(ID)?.state).toBe('WAITING');
  clusters.update(ID, (cluster) => setIdleTimeout(cluster, 60, Date.now() - 59_900));
  await expect.poll(() => clusters.get(ID)?.state).toBe('TERMINATED');
});

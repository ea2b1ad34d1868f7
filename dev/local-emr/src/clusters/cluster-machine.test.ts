import { describe, expect, it } from 'vitest';
import type { ActionOnFailure, ClusterRecord, StepOutcome, StepRecord } from './cluster.ts';
import {
  cancelSteps,
  clusterReady,
  idleDeadline,
  prune,
  startable,
  stepEnded,
  stepStarted,
  terminateByUser,
  terminateIfIdle,
} from './cluster-machine.ts';
import { sharedCluster } from './new-cluster.ts';

const OK: StepOutcome = { ok: true };
const BAD: StepOutcome = { ok: false, reason: 'it failed', message: 'for a test' };

const step = (id: string, actionOnFailure: ActionOnFailure = 'CONTINUE'): StepRecord => ({
  id,
  name: id,
  actionOnFailure,
  jar: 'command-runner.jar',
  args: [],
  properties: {},
  state: 'PENDING',
  createdAt: 0,
});

const cluster = (
  steps: readonly StepRecord[],
  settings: Partial<ClusterRecord> = {},
): ClusterRecord => clusterReady({ ...sharedCluster('j-TEST', 0), ...settings, steps }, 1);

const states = ({ state, steps }: ClusterRecord): string[] => [
  state,
  ...steps.map((one) => one.state),
];
const ids = (steps: readonly StepRecord[]): string[] => steps.map(({ id }) => id);

describe('starting steps', () => {
  it('starts one at a time, in order', () => {
    const before = cluster([step('a'), step('b')]);
    expect(ids(startable(before))).toEqual(['a']);
    expect(startable(stepStarted(before, 'a', 2))).toEqual([]);
  });

  it('starts as many as StepConcurrencyLevel allows', () => {
    const before = cluster([step('a'), step('b'), step('c')], { stepConcurrencyLevel: 2 });
    expect(ids(startable(before))).toEqual(['a', 'b']);
    expect(ids(startable(stepStarted(before, 'b', 2)))).toEqual(['a']);
  });

  it('counts a step that is being cancelled as running', () => {
    const running = stepStarted(cluster([step('a'), step('b')]), 'a', 2);
    expect(startable(cancelSteps(running, ['a'], false, 3).cluster)).toEqual([]);
  });
});

describe('the end of a step', () => {
  const running = (action: ActionOnFailure, settings: Partial<ClusterRecord> = {}): ClusterRecord =>
    stepStarted(cluster([step('a', action), step('b'), step('c')], settings), 'a', 2);

  it('leaves the cluster waiting after the last one', () => {
    const ended = stepEnded(stepStarted(cluster([step('a')]), 'a', 2), 'a', OK, 3);
    expect(states(ended)).toEqual(['WAITING', 'COMPLETED']);
    expect(ended.steps[0]).toMatchObject({ startedAt: 2, endedAt: 3 });
  });

  it('continues after a failure with CONTINUE', () => {
    const ended = stepEnded(running('CONTINUE'), 'a', BAD, 3);
    expect(states(ended)).toEqual(['RUNNING', 'FAILED', 'PENDING', 'PENDING']);
    expect(ended.steps[0]?.failure).toMatchObject({ reason: 'it failed', message: 'for a test' });
  });

  it('cancels all pending steps with CANCEL_AND_WAIT', () => {
    const ended = stepEnded(running('CANCEL_AND_WAIT'), 'a', BAD, 3);
    expect(states(ended)).toEqual(['WAITING', 'FAILED', 'CANCELLED', 'CANCELLED']);
    expect(ended.steps[1]?.stateMessage).toContain('step a failed');
  });

  it.each(['TERMINATE_CLUSTER', 'TERMINATE_JOB_FLOW'] as const)(
    'ends the cluster with %s',
    (action) => {
      const ended = stepEnded(running(action), 'a', BAD, 3);
      expect(states(ended)).toEqual(['TERMINATED_WITH_ERRORS', 'FAILED', 'CANCELLED', 'CANCELLED']);
      expect(ended).toMatchObject({ stateCode: 'STEP_FAILURE', endedAt: 3 });
    },
  );

  it('does not act on a failure if steps run concurrently', () => {
    const ended = stepEnded(running('CANCEL_AND_WAIT', { stepConcurrencyLevel: 2 }), 'a', BAD, 3);
    expect(states(ended)).toEqual(['RUNNING', 'FAILED', 'PENDING', 'PENDING']);
  });

  it('is recorded only once', () => {
    const ended = stepEnded(running('CONTINUE'), 'a', OK, 3);
    expect(stepEnded(ended, 'a', BAD, 4)).toBe(ended);
  });
});

describe('cancelling', () => {
  it('is immediate for a pending step and a request for a running one', () => {
    const running = stepStarted(cluster([step('a'), step('b')]), 'a', 2);
    const { cluster: after, infos } = cancelSteps(running, ['a', 'b', 'x'], false, 3);
    expect(states(after)).toEqual(['RUNNING', 'CANCEL_PENDING', 'CANCELLED']);
    expect(infos.map(({ Status }) => Status)).toEqual(['SUBMITTED', 'SUBMITTED', 'FAILED']);
    expect(states(stepEnded(after, 'a', BAD, 4))).toEqual(['WAITING', 'CANCELLED', 'CANCELLED']);
  });

  it('changes nothing the second time, except to kill at once', () => {
    const running = stepStarted(cluster([step('a')]), 'a', 2);
    const once = cancelSteps(running, ['a'], false, 3);
    const twice = cancelSteps(once.cluster, ['a'], true, 4);
    expect(states(twice.cluster)).toEqual(states(once.cluster));
    expect(twice.infos).toEqual(once.infos);
    expect(twice.cluster.steps[0]?.killAtOnce).toBe(true);
  });

  it('fails for a step that has ended', () => {
    const ended = stepEnded(stepStarted(cluster([step('a')]), 'a', 2), 'a', OK, 3);
    const { cluster: after, infos } = cancelSteps(ended, ['a'], false, 4);
    expect(states(after)).toEqual(['WAITING', 'COMPLETED']);
    expect(infos).toEqual([
      { StepId: 'a', Status: 'FAILED', Reason: 'The step is already COMPLETED.' },
    ]);
  });

  it('loses against a step that completed first', () => {
    const running = stepStarted(cluster([step('a')]), 'a', 2);
    const cancelling = cancelSteps(running, ['a'], false, 3).cluster;
    expect(states(stepEnded(cancelling, 'a', OK, 4))).toEqual(['WAITING', 'COMPLETED']);
  });
});

describe('the end of a cluster', () => {
  it('waits for the running step if a user requests it', () => {
    const running = stepStarted(cluster([step('a'), step('b')]), 'a', 2);
    const ending = terminateByUser(running, 3);
    expect(states(ending)).toEqual(['TERMINATING', 'CANCEL_PENDING', 'CANCELLED']);
    expect(startable(ending)).toEqual([]);
    const ended = stepEnded(ending, 'a', BAD, 4);
    expect(states(ended)).toEqual(['TERMINATED', 'CANCELLED', 'CANCELLED']);
    expect(ended.stateCode).toBe('USER_REQUEST');
    expect(terminateByUser(ended, 5)).toEqual(ended);
  });

  it('follows the last step unless the cluster is kept alive', () => {
    const last = stepStarted(cluster([step('a')], { keepAlive: false }), 'a', 2);
    const ended = stepEnded(last, 'a', OK, 3);
    expect(states(ended)).toEqual(['TERMINATED', 'COMPLETED']);
    expect(ended.stateCode).toBe('ALL_STEPS_COMPLETED');
    expect(states(cluster([], { keepAlive: false }))).toEqual(['TERMINATED']);
  });

  it('follows the idle timeout, which each step restarts', () => {
    const idle = cluster([], { idleTimeoutSeconds: 60 });
    expect(idleDeadline(idle)).toBe(60_001);
    expect(terminateIfIdle(idle, 60_000)).toBe(idle);
    expect(terminateIfIdle(idle, 60_001).state).toBe('TERMINATED');
    const busy = stepStarted(cluster([step('a')], { idleTimeoutSeconds: 60 }), 'a', 2);
    expect(idleDeadline(busy)).toBeUndefined();
    expect(idleDeadline(stepEnded(busy, 'a', OK, 50_000))).toBe(110_000);
    expect(idleDeadline(cluster([]))).toBeUndefined();
  });
});

it('drops the oldest finished steps, but never an active one', () => {
  const finished = ['a', 'b', 'c'].map((id): StepRecord => ({ ...step(id), state: 'COMPLETED' }));
  const before = cluster([step('old'), ...finished]);
  expect(ids(prune(before, 2).steps)).toEqual(['old', 'b', 'c']);
  expect(prune(before, 3)).toBe(before);
});

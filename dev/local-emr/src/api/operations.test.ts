import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterReady, stepEnded, stepStarted } from '../clusters/cluster-machine.ts';
import { Clusters } from '../clusters/clusters.ts';
import { sharedCluster } from '../clusters/new-cluster.ts';
import { SecurityConfigurations } from '../clusters/security-configurations.ts';
import { emrState } from '../../test/emr-state.ts';
import { emrOperations } from './operations.ts';

const ID = 'j-TEST';

let directory: string;
let clusters: Clusters;
let securityConfigurations: SecurityConfigurations;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-operations-'));
  clusters = new Clusters(directory);
  securityConfigurations = new SecurityConfigurations(directory);
  clusters.create(clusterReady(sharedCluster(ID, 1000), 2000));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const signal = new AbortController().signal;

function call(name: string, input: Record<string, unknown>): Record<string, unknown> {
  return emrOperations(emrState({ clusters, securityConfigurations }), 'us-east-1')[name]?.(input, {
    signal,
  }) as Record<string, unknown>;
}

const copy = (Name: string, Args: string[] = ['s3-dist-cp'], more: object = {}): object => ({
  Name,
  HadoopJarStep: { Jar: 'command-runner.jar', Args },
  ...more,
});
const add = (...Steps: object[]): string[] =>
  call('AddJobFlowSteps', { JobFlowId: ID, Steps })['StepIds'] as string[];

describe('AddJobFlowSteps', () => {
  it("adds all steps, each with an id in EMR's format", () => {
    expect(add(copy('a'), copy('b'))).toEqual([
      expect.stringMatching(/^s-[0-9A-Z]{13}$/),
      expect.stringMatching(/^s-[0-9A-Z]{13}$/),
    ]);
    expect(clusters.get(ID)?.steps.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'PENDING'],
      ['b', 'PENDING'],
    ]);
  });

  it('rejects the 257th active step together with its whole request', () => {
    add(...Array.from({ length: 255 }, (_, index) => copy(`step ${index}`)));
    expect(() => add(copy('256'), copy('257'))).toThrow(/Maximum number of active steps/);
    expect(add(copy('256'))).toHaveLength(1);
    expect(clusters.get(ID)?.steps).toHaveLength(256);
  });

  it('counts the characters of all strings of a step', () => {
    const fitting = 'x'.repeat(10_240 - 'command-runner.jar'.length);
    expect(add(copy('fits', [fitting]))).toHaveLength(1);
    expect(() => add(copy('is too long', [fitting, 'y']))).toThrow(/10240 characters/);
  });

  it('rejects actions on other steps if steps run concurrently', () => {
    const { JobFlowId } = call('RunJobFlow', {
      Name: 'wide',
      Instances: { KeepJobFlowAliveWhenNoSteps: true },
      StepConcurrencyLevel: 2,
    });
    const addWide = (ActionOnFailure: string): unknown =>
      call('AddJobFlowSteps', { JobFlowId, Steps: [copy('a', [], { ActionOnFailure })] });
    expect(() => addWide('CANCEL_AND_WAIT')).toThrow(/ActionOnFailure setting is not valid/);
    expect(() => addWide('TERMINATE_CLUSTER')).toThrow(/ActionOnFailure setting is not valid/);
    expect(addWide('CONTINUE')).toMatchObject({ StepIds: [expect.any(String)] });
  });

  it('lists every error in a request', () => {
    const input = { JobFlowId: ID, Steps: [{ Name: 'x'.repeat(257), ActionOnFailure: 'PANIC' }] };
    expect(() => call('AddJobFlowSteps', input)).toThrow(
      /^3 validation errors detected: .*Steps\.0\.HadoopJarStep.*Steps\.0\.Name.*Steps\.0\.ActionOnFailure/,
    );
  });

  it('rejects unknown and terminated clusters', () => {
    expect(() => call('AddJobFlowSteps', { JobFlowId: 'j-NONE', Steps: [copy('a')] })).toThrow(
      'Specified job flow ID does not exist.',
    );
    call('TerminateJobFlows', { JobFlowIds: [ID] });
    expect(() => add(copy('a'))).toThrow(/may not be modified/);
  });
});

describe('ListSteps', () => {
  const list = (input: Record<string, unknown>): { names: string[]; Marker: unknown } => {
    const { Steps, Marker } = call('ListSteps', { ClusterId: ID, ...input });
    return { names: (Steps as { Name: string }[]).map(({ Name }) => Name), Marker };
  };

  it('returns the newest first in pages of 50, which steps added in the meantime do not shift', () => {
    add(...Array.from({ length: 120 }, (_, index) => copy(String(index))));
    const first = list({});
    add(copy('late'));
    const second = list({ Marker: first.Marker });
    const third = list({ Marker: second.Marker });
    expect([first, second, third].map(({ names }) => names.length)).toEqual([50, 50, 20]);
    expect([first.names[0], second.names[0], third.names.at(-1)]).toEqual(['119', '69', '0']);
    expect(third.Marker).toBeUndefined();
    expect(() => list({ Marker: 'nonsense' })).toThrow(/Marker 'nonsense' is not valid/);
  });

  it('filters by state and by id', () => {
    const [a = '', b = ''] = add(copy('a'), copy('b'));
    call('CancelSteps', { ClusterId: ID, StepIds: [a] });
    expect(list({ StepStates: ['PENDING'] }).names).toEqual(['b']);
    expect(list({ StepIds: [a] }).names).toEqual(['a']);
    expect(list({ StepIds: [a, b], StepStates: ['CANCELLED'] }).names).toEqual(['a']);
    expect(() => list({ StepIds: ['s-NONE'] })).toThrow("Step id 's-NONE' is not valid.");
    expect(() => list({ StepIds: Array<string>(11).fill(a) })).toThrow(/at most ten/);
  });
});

it('describes a step with times in epoch seconds', () => {
  const [id = ''] = add(
    copy('a', ['s3-dist-cp', '--src', 'x'], { ActionOnFailure: 'CANCEL_AND_WAIT' }),
  );
  const failed = { ok: false, reason: 'r', message: 'm', logFile: '/log' } as const;
  clusters.update(ID, (cluster) => stepEnded(stepStarted(cluster, id, 3500), id, failed, 4250));
  expect(call('DescribeStep', { ClusterId: ID, StepId: id })['Step']).toMatchObject({
    Id: id,
    Config: { Jar: 'command-runner.jar', Args: ['s3-dist-cp', '--src', 'x'], Properties: {} },
    ActionOnFailure: 'CANCEL_AND_WAIT',
    Status: {
      State: 'FAILED',
      FailureDetails: { Reason: 'r', Message: 'm', LogFile: '/log' },
      Timeline: { StartDateTime: 3.5, EndDateTime: 4.25 },
    },
  });
});

it('describes and lists clusters', () => {
  expect(call('DescribeCluster', { ClusterId: ID })['Cluster']).toMatchObject({
    Id: ID,
    Status: { State: 'WAITING', Timeline: { CreationDateTime: 1, ReadyDateTime: 2 } },
    AutoTerminate: false,
    StepConcurrencyLevel: 1,
  });
  expect(call('ListClusters', { ClusterStates: ['WAITING'] })['Clusters']).toHaveLength(1);
  expect(call('ListClusters', { CreatedAfter: 1.5 })['Clusters']).toEqual([]);
  expect(() => call('DescribeCluster', { ClusterId: 'j-NONE' })).toThrow(
    "Cluster id 'j-NONE' is not valid.",
  );
});

it('terminates the clusters of a request except protected ones', () => {
  const run = (Name: string, TerminationProtected: boolean): unknown =>
    call('RunJobFlow', {
      Name,
      Instances: { KeepJobFlowAliveWhenNoSteps: true, TerminationProtected },
    })['JobFlowId'];
  const [safe, other] = [run('safe', true), run('other', false)];
  expect(() => call('TerminateJobFlows', { JobFlowIds: [safe, other] })).toThrow(
    /termination protected/,
  );
  expect(clusters.get(String(safe))?.state).toBe('STARTING');
  expect(clusters.get(String(other))?.state).toBe('TERMINATED');
});

it('rejects what it does not emulate', () => {
  const ScriptBootstrapAction = { Path: 's3://b/x.sh' };
  const input = {
    Name: 'x',
    Instances: {},
    BootstrapActions: [{ Name: 'y', ScriptBootstrapAction }],
  };
  expect(() => call('RunJobFlow', input)).toThrow(/does not support bootstrap actions/);
});

it('keeps every change across a restart', () => {
  const [id = ''] = add(copy('a'));
  const restarted = new Clusters(directory);
  expect(restarted.get(ID)).toEqual(clusters.get(ID));
  expect(restarted.get(ID)?.steps[0]).toMatchObject({ id, name: 'a', state: 'PENDING' });
});

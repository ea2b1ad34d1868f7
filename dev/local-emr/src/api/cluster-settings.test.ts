import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterReady, idleDeadline } from '../clusters/cluster-machine.ts';
import { Clusters } from '../clusters/clusters.ts';
import { sharedCluster } from '../clusters/new-cluster.ts';
import { SecurityConfigurations } from '../clusters/security-configurations.ts';
import { emrState } from '../../test/emr-state.ts';
import { emrOperations } from './operations.ts';

const ClusterId = 'j-TEST';
type Reply = Record<string, unknown>;

let directory: string;
let clusters: Clusters;
let securityConfigurations: SecurityConfigurations;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-settings-'));
  clusters = new Clusters(directory);
  securityConfigurations = new SecurityConfigurations(directory);
  clusters.create(clusterReady(sharedCluster(ClusterId, 1000), 2000));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const signal = new AbortController().signal;
const call = (name: string, input: Reply): Reply =>
  emrOperations(emrState({ clusters, securityConfigurations }), 'us-east-1')[name]?.(input, {
    signal,
  }) as Reply;
const cluster = (id = ClusterId): Reply =>
  call('DescribeCluster', { ClusterId: id })['Cluster'] as Reply;
const run = (Instances: object, more: object = {}): string =>
  String(call('RunJobFlow', { Name: 'x', Instances, ...more })['JobFlowId']);
const restarted = (id: string) => new Clusters(directory).get(id);

describe('tags', () => {
  it('are added, replaced and removed', () => {
    const Tags = [{ Key: 'a', Value: '1' }, { Key: 'b' }];
    call('AddTags', { ResourceId: ClusterId, Tags });
    call('AddTags', { ResourceId: ClusterId, Tags: [{ Key: 'a', Value: '2' }] });
    expect(cluster()['Tags']).toEqual([
      { Key: 'b', Value: '' },
      { Key: 'a', Value: '2' },
    ]);
    call('RemoveTags', { ResourceId: ClusterId, TagKeys: ['b', 'none'] });
    expect(cluster()['Tags']).toEqual([{ Key: 'a', Value: '2' }]);
    expect(restarted(ClusterId)?.tags).toEqual([{ Key: 'a', Value: '2' }]);
  });

  it.each([
    [{ ResourceId: 'j-NONE', Tags: [{ Key: 'a' }] }, "Resource id 'j-NONE' is not valid."],
    [{ ResourceId: ClusterId, Tags: [] }, 'Tags'],
    [{ ResourceId: ClusterId, Tags: [{ Value: 'a' }] }, 'Tags.0.Key'],
    [{ ResourceId: ClusterId, Tags: [{ Key: 'k'.repeat(129) }] }, 'Tags.0.Key'],
    [{ ResourceId: ClusterId, Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] }, 'Tags.0.Value'],
  ])('are refused: %j', (input, message) => {
    expect(() => call('AddTags', input)).toThrow(message);
    expect(() => call('AddTags', input)).toThrow(
      expect.objectContaining({
        code: 'InvalidRequestException',
        fields: { ErrorCode: 'InvalidRequest' },
      }),
    );
  });
});

it('protects a cluster from termination until that is taken back', () => {
  const set = (TerminationProtected: boolean) =>
    call('SetTerminationProtection', { JobFlowIds: [ClusterId], TerminationProtected });
  set(true);
  expect(cluster()['TerminationProtected']).toBe(true);
  expect(() => call('TerminateJobFlows', { JobFlowIds: [ClusterId] })).toThrow(
    expect.objectContaining({
      code: 'ValidationException',
      message: 'Could not shut down one or more job flows since they are termination protected.',
    }),
  );
  set(false);
  call('TerminateJobFlows', { JobFlowIds: [ClusterId] });
  expect(clusters.get(ClusterId)?.state).toBe('TERMINATED');
});

it('changes all job flows of a request or none', () => {
  const JobFlowIds = [ClusterId, 'j-NONE'];
  expect(() => call('SetVisibleToAllUsers', { JobFlowIds, VisibleToAllUsers: false })).toThrow(
    'Specified job flow ID does not exist.',
  );
  expect(cluster()['VisibleToAllUsers']).toBe(true);
  call('SetVisibleToAllUsers', { JobFlowIds: [ClusterId], VisibleToAllUsers: false });
  expect(cluster()['VisibleToAllUsers']).toBe(false);
});

it('ends an idle cluster that is no longer kept alive', () => {
  call('SetKeepJobFlowAliveWhenNoSteps', {
    JobFlowIds: [ClusterId],
    KeepJobFlowAliveWhenNoSteps: false,
  });
  expect(clusters.get(ClusterId)?.state).toBe('TERMINATED');
});

it('changes the number of steps that run at once', () => {
  expect(call('ModifyCluster', { ClusterId, StepConcurrencyLevel: 5 })).toEqual({
    StepConcurrencyLevel: 5,
  });
  expect(cluster()['StepConcurrencyLevel']).toBe(5);
  expect(call('ModifyCluster', { ClusterId })).toEqual({ StepConcurrencyLevel: 5 });
  expect(() => call('ModifyCluster', { ClusterId, StepConcurrencyLevel: 257 })).toThrow('256');
  expect(() => call('ModifyCluster', { ClusterId, ExtendedSupport: true })).toThrow(
    'does not support extended support',
  );
});

it('attaches, shows and removes an auto-termination policy, whose time counts from then', () => {
  expect(call('GetAutoTerminationPolicy', { ClusterId })).toEqual({});
  const before = Date.now();
  call('PutAutoTerminationPolicy', { ClusterId, AutoTerminationPolicy: { IdleTimeout: 90 } });
  expect(call('GetAutoTerminationPolicy', { ClusterId })).toEqual({
    AutoTerminationPolicy: { IdleTimeout: 90 },
  });
  const known = clusters.get(ClusterId);
  expect(known && idleDeadline(known)).toBeGreaterThanOrEqual(before + 90_000);
  call('RemoveAutoTerminationPolicy', { ClusterId });
  expect(call('GetAutoTerminationPolicy', { ClusterId })).toEqual({});
  call('PutAutoTerminationPolicy', { ClusterId });
  expect(clusters.get(ClusterId)?.idleTimeoutSeconds).toBe(3600);
  const AutoTerminationPolicy = { IdleTimeout: 59 };
  expect(() => call('PutAutoTerminationPolicy', { ClusterId, AutoTerminationPolicy })).toThrow(
    expect.objectContaining({ code: 'ValidationException' }),
  );
});

it('changes no terminated cluster', () => {
  call('TerminateJobFlows', { JobFlowIds: [ClusterId] });
  const Tags = [{ Key: 'a' }];
  expect(() => call('AddTags', { ResourceId: ClusterId, Tags })).toThrow('may not be modified');
});

const group = (InstanceRole: string, InstanceCount: number, more: object = {}) => ({
  InstanceRole,
  InstanceCount,
  InstanceType: 'm7g.xlarge',
  ...more,
});
const fleet = (InstanceFleetType: string, capacity: object, WeightedCapacity = 1) => ({
  InstanceFleetType,
  ...capacity,
  InstanceTypeConfigs: [{ InstanceType: 'm7g.xlarge', WeightedCapacity }],
});
const master = fleet('MASTER', { TargetOnDemandCapacity: 1 });

describe('instances', () => {
  const list = (what: string, id: string, more: object = {}): Reply[] =>
    call(`List${what}`, { ClusterId: id, ...more })[what] as Reply[];

  it('are a master and cores', () => {
    const types = { MasterInstanceType: 'm7g.large', SlaveInstanceType: 'm7g.xlarge' };
    const id = run({ ...types, InstanceCount: 3, KeepJobFlowAliveWhenNoSteps: true });
    expect(cluster(id)['InstanceCollectionType']).toBe('INSTANCE_GROUP');
    expect(list('InstanceGroups', id)).toMatchObject([
      { InstanceGroupType: 'MASTER', InstanceType: 'm7g.large', RunningInstanceCount: 0 },
      { InstanceGroupType: 'CORE', InstanceType: 'm7g.xlarge', RequestedInstanceCount: 2 },
    ]);
    clusters.update(id, (known) => clusterReady(known, 5));
    expect(list('InstanceGroups', id)[1]).toMatchObject({
      RunningInstanceCount: 2,
      Status: { State: 'RUNNING', Timeline: { ReadyDateTime: 0.005 } },
    });
    const cores = list('Instances', id, { InstanceGroupTypes: ['CORE'] });
    expect(cores).toHaveLength(2);
    expect(new Set(cores.map(({ Ec2InstanceId }) => Ec2InstanceId)).size).toBe(2);
    expect(cores[0]).toMatchObject({
      InstanceGroupId: list('InstanceGroups', id)[1]?.['Id'],
      Ec2InstanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/) as string,
      Status: { State: 'RUNNING' },
    });
    expect(list('Instances', id, { InstanceStates: ['TERMINATED'] })).toEqual([]);
    expect(() => list('InstanceFleets', id)).toThrow('it has no instance fleets');
    call('TerminateJobFlows', { JobFlowIds: [id] });
    expect(list('Instances', id, { InstanceStates: ['TERMINATED'] })).toHaveLength(3);
    expect(list('InstanceGroups', id)[0]).toMatchObject({ Status: { State: 'TERMINATED' } });
  });

  it('are groups', () => {
    const InstanceGroups = [
      group('MASTER', 1),
      group('TASK', 2, { Market: 'SPOT', Name: 'cheap' }),
    ];
    const id = run({ InstanceGroups });
    expect(list('InstanceGroups', id)).toMatchObject([
      { Name: 'MASTER', Market: 'ON_DEMAND' },
      { Name: 'cheap', Market: 'SPOT' },
    ]);
    expect(restarted(id)?.instances).toEqual(clusters.get(id)?.instances);
  });

  it('are fleets, as many as their weights need', () => {
    const core = fleet('CORE', { TargetOnDemandCapacity: 4, TargetSpotCapacity: 5 }, 4);
    const id = run({ InstanceFleets: [master, core], Ec2SubnetIds: ['subnet-a', 'subnet-b'] });
    expect(cluster(id)).toMatchObject({
      InstanceCollectionType: 'INSTANCE_FLEET',
      Ec2InstanceAttributes: {
        Ec2SubnetId: 'subnet-a',
        RequestedEc2SubnetIds: ['subnet-a', 'subnet-b'],
      },
    });
    const cores = list('Instances', id, { InstanceFleetType: 'CORE' });
    expect(cores.map(({ Market }) => Market)).toEqual(['ON_DEMAND', 'SPOT', 'SPOT']);
    expect(list('InstanceFleets', id)[1]).toMatchObject({ TargetSpotCapacity: 5 });
    expect(() => list('InstanceGroups', id)).toThrow('it has no instance groups');
  });

  it('come in pages', () => {
    const id = run({ InstanceGroups: [group('MASTER', 1), group('CORE', 60)] });
    const first = call('ListInstances', { ClusterId: id });
    const second = call('ListInstances', { ClusterId: id, Marker: first['Marker'] });
    const ids = [first, second].flatMap(({ Instances }) =>
      (Instances as Reply[]).map(({ Id }) => Id),
    );
    expect([new Set(ids).size, second['Marker']]).toEqual([61, undefined]);
  });

  it.each([
    [{ InstanceGroups: [group('MASTER', 1)], InstanceCount: 1 }, 'give one of'],
    [{ InstanceGroups: [group('MASTER', 1)], InstanceFleets: [master] }, 'give one of'],
    [{ InstanceGroups: [group('CORE', 1)] }, 'there must be one MASTER'],
    [{ InstanceGroups: [group('MASTER', 2)] }, '1 instance or 3'],
    [
      { InstanceGroups: [group('MASTER', 1), group('CORE', 1), group('CORE', 1)] },
      'there may be only one CORE',
    ],
    [{ InstanceGroups: [group('MASTER', 0)] }, 'InstanceCount'],
    [{ InstanceGroups: [group('MASTER', 1, { InstanceType: 'huge' })] }, 'type is not supported'],
    [{ InstanceFleets: [fleet('MASTER', { TargetSpotCapacity: 2 })] }, 'target capacity of 1'],
    [{ InstanceFleets: [master, fleet('CORE', {})] }, 'CORE instance fleet needs a target'],
    [{ MasterInstanceType: 'm5.xlarge', InstanceCount: 2 }, 'needs a SlaveInstanceType'],
    [{ Ec2SubnetId: 'a', Ec2SubnetIds: ['b'] }, 'Ec2SubnetId or Ec2SubnetIds'],
    [{ Ec2SubnetIds: ['a', 'b'] }, 'need InstanceFleets'],
    [{ ServiceAccessSecurityGroup: 'sg-1' }, 'needs EmrManagedMasterSecurityGroup and'],
    [{ EmrManagedMasterSecurityGroup: 'sg-1' }, 'must be given together'],
    [{ EmrManagedSlaveSecurityGroup: 'sg-1' }, 'must be given together'],
  ])('are refused: %j', (Instances, message) => {
    expect(() => run(Instances)).toThrow(message);
    expect(() => run(Instances)).toThrow(expect.objectContaining({ code: 'ValidationException' }));
  });
});

describe('RunJobFlow', () => {
  it.each([
    [{ ReleaseLabel: 'emr-7.99.0' }, 'The supplied release label is invalid: emr-7.99.0.'],
    [
      { SecurityConfiguration: 'unsealed' },
      "Security configuration with name 'unsealed' does not exist.",
    ],
    [{ AmiVersion: '3.0' }, 'give a ReleaseLabel'],
    [{ Tags: [{ Value: 'x' }] }, 'Tags.0.Key'],
    [{ AutoTerminationPolicy: { IdleTimeout: 604_801 } }, '604800'],
    [
      {
        ManagedScalingPolicy: {
          ComputeLimits: { UnitType: 'VCPU', MinimumCapacityUnits: 3, MaximumCapacityUnits: 2 },
        },
      },
      'must not be greater',
    ],
    [{ Aplications: [] }, "'Aplications' is not a member"],
  ])('refuses %j', (more, message) => {
    expect(() => run({}, more)).toThrow(message);
  });

  it('shows what has no effect here', () => {
    call('CreateSecurityConfiguration', { Name: 'sealed', SecurityConfiguration: '{}' });
    const more = {
      SecurityConfiguration: 'sealed',
      JobFlowRole: 'profile',
      ReleaseLabel: 'emr-7.14.0',
    };
    expect(cluster(run({}, more))).toMatchObject({
      SecurityConfiguration: 'sealed',
      ReleaseLabel: 'emr-7.14.0',
      Ec2InstanceAttributes: { IamInstanceProfile: 'profile' },
    });
  });

  it.each([
    ['EMR_DefaultRole_V2', [], 'TERMINATED_WITH_ERRORS'],
    [
      'arn:aws:iam::000000000000:role/EMR_DefaultRole_V2',
      [{ Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' }],
      'WAITING',
    ],
    ['EMR_DefaultRole', [], 'WAITING'],
    ['arn:aws:iam::000000000000:role/EMR_DefaultRole', [], 'WAITING'],
    ['my-own-role', [], 'TERMINATED_WITH_ERRORS'],
  ])('starts with the role %s and the tags %j: %s', (ServiceRole, Tags, state) => {
    const id = run({ KeepJobFlowAliveWhenNoSteps: true }, { ServiceRole, Tags });
    clusters.update(id, (known) => clusterReady(known, 5));
    expect(clusters.get(id)?.state).toBe(state);
  });
});

describe('security configurations', () => {
  const create = (Name: string, SecurityConfiguration = '{"a":1}') =>
    call('CreateSecurityConfiguration', { Name, SecurityConfiguration });
  const names = (more: object = {}) => {
    const reply = call('ListSecurityConfigurations', { ...more });
    return {
      names: (reply['SecurityConfigurations'] as Reply[]).map(({ Name }) => Name),
      marker: reply['Marker'],
    };
  };

  it('are created, shown, kept over a restart, and deleted', () => {
    expect(create('sealed')).toEqual({
      Name: 'sealed',
      CreationDateTime: expect.any(Number) as number,
    });
    securityConfigurations = new SecurityConfigurations(directory);
    expect(call('DescribeSecurityConfiguration', { Name: 'sealed' })).toMatchObject({
      Name: 'sealed',
      SecurityConfiguration: '{"a":1}',
    });
    call('DeleteSecurityConfiguration', { Name: 'sealed' });
    expect(() => call('DescribeSecurityConfiguration', { Name: 'sealed' })).toThrow(
      "Security configuration with name 'sealed' does not exist.",
    );
    expect(() => call('DeleteSecurityConfiguration', { Name: 'sealed' })).toThrow('not exist');
  });

  it('are listed by name, in pages', () => {
    for (let index = 60; index > 0; index -= 1) create(`s${String(index).padStart(2, '0')}`);
    const first = names();
    expect(first.names.slice(0, 2)).toEqual(['s01', 's02']);
    const second = names({ Marker: first.marker });
    expect(new Set([...first.names, ...second.names]).size).toBe(60);
    expect(second.marker).toBeUndefined();
  });

  it.each(['', 'no JSON', '[]', 'null'])('are refused with the content %j', (content) => {
    expect(() => create('x', content)).toThrow(
      expect.objectContaining({
        code: 'InvalidRequestException',
        message: expect.stringContaining('expected a JSON object') as string,
      }),
    );
  });

  it('are not replaced', () => {
    create('sealed');
    expect(() => create('sealed', '{}')).toThrow("with name 'sealed' already exists");
  });
});

describe('release labels', () => {
  it('are listed, newest first, in pages', () => {
    const all = call('ListReleaseLabels', {})['ReleaseLabels'] as string[];
    expect(all.slice(0, 2)).toEqual(['emr-7.14.0', 'emr-7.13.0']);
    const first = call('ListReleaseLabels', { MaxResults: 3 });
    const next = call('ListReleaseLabels', { MaxResults: 3, NextToken: first['NextToken'] });
    expect([first, next].flatMap(({ ReleaseLabels }) => ReleaseLabels)).toEqual(all.slice(0, 6));
  });

  it('are filtered by prefix and application', () => {
    const list = (Filters: object) => call('ListReleaseLabels', { Filters })['ReleaseLabels'];
    expect(list({ Prefix: 'emr-6.1.' })).toEqual(['emr-6.1.1', 'emr-6.1.0']);
    expect(list({ Application: 'Spark-3.5.6' })).toContain('emr-7.0.0');
    expect(list({ Application: 'Spark-2.4.0' })).toEqual([]);
    expect(list({ Application: 'Hive' })).toEqual([]);
  });

  it('are described by what runs here', () => {
    expect(call('DescribeReleaseLabel', {})).toMatchObject({
      ReleaseLabel: 'emr-7.14.0',
      Applications: [{ Name: 'Hadoop' }, { Name: 'Spark', Version: '3.5.6' }],
    });
    expect(() => call('DescribeReleaseLabel', { ReleaseLabel: 'emr-0' })).toThrow('is not valid');
  });
});

import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { expect, it } from 'vitest';
import { validate, variables } from '../config.ts';
import { clusterRequest } from './cluster-request.ts';

const request = (environment: Record<string, string> = {}) =>
  clusterRequest(
    'emr-clean/r1',
    readConfiguration(
      variables,
      {
        PIPELINE_BUCKET: 'lake',
        AWS_REGION: 'eu-west-1',
        EMR_SERVICE_ROLE: 'EMR_DefaultRole_V2',
        EMR_JOB_FLOW_ROLE: 'EMR_EC2_DefaultRole',
        EMR_SUBNET_ID: 'subnet-1',
        ...environment,
      },
      validate,
    ),
  );

const tags = (environment?: Record<string, string>) =>
  Object.fromEntries(request(environment).Tags?.map(({ Key = '', Value }) => [Key, Value]) ?? []);

it('asks for two on-demand instances in one subnet, and for nothing that no variable sets', () => {
  expect(request()).toEqual({
    Name: 'emr-clean/r1',
    ReleaseLabel: 'emr-7.14.0',
    Applications: [{ Name: 'Hadoop' }, { Name: 'Spark' }],
    ServiceRole: 'EMR_DefaultRole_V2',
    JobFlowRole: 'EMR_EC2_DefaultRole',
    Instances: {
      InstanceGroups: [
        {
          InstanceRole: 'MASTER',
          InstanceType: 'm7g.xlarge',
          InstanceCount: 1,
          Market: 'ON_DEMAND',
        },
        { InstanceRole: 'CORE', InstanceType: 'm7g.xlarge', InstanceCount: 1, Market: 'ON_DEMAND' },
      ],
      Ec2SubnetId: 'subnet-1',
      KeepJobFlowAliveWhenNoSteps: true,
    },
    AutoTerminationPolicy: { IdleTimeout: 900 },
    Tags: [
      { Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' },
      { Key: 'project', Value: 'user-behaviour' },
      { Key: 'job', Value: 'emr-clean' },
    ],
    VisibleToAllUsers: true,
  });
});

it('lets EMR_TAGS add tags and replace its own', () => {
  expect(tags({ EMR_TAGS: 'team=data, project=lake,note=a=b,empty=' })).toEqual({
    'for-use-with-amazon-emr-managed-policies': 'true',
    project: 'lake',
    job: 'emr-clean',
    team: 'data',
    note: 'a=b',
    empty: '',
  });
  expect(tags({ EMR_TAGS: 'for-use-with-amazon-emr-managed-policies=false' })).toMatchObject({
    'for-use-with-amazon-emr-managed-policies': 'false',
  });
});

it('passes on the logs, the security configuration and the security groups', () => {
  const given = request({
    EMR_LOG_URI: 's3://logs/',
    EMR_SECURITY_CONFIGURATION: 'sealed',
    EMR_PRIMARY_SECURITY_GROUP: 'sg-1',
    EMR_CORE_SECURITY_GROUP: 'sg-2',
    EMR_SERVICE_SECURITY_GROUP: 'sg-3',
  });
  expect(given).toMatchObject({
    LogUri: 's3://logs/',
    SecurityConfiguration: 'sealed',
    Instances: {
      EmrManagedMasterSecurityGroup: 'sg-1',
      EmrManagedSlaveSecurityGroup: 'sg-2',
      ServiceAccessSecurityGroup: 'sg-3',
    },
  });
});

it('asks for a primary node alone if there is one instance', () => {
  const { Instances } = request({ EMR_INSTANCE_COUNT: '1' });
  expect(Instances?.InstanceGroups?.map(({ InstanceRole }) => InstanceRole)).toEqual(['MASTER']);
});

it('asks for spot instances as task nodes only', () => {
  const { Instances } = request({ EMR_INSTANCE_COUNT: '4', EMR_TASK_SPOT_COUNT: '5' });
  expect(
    Instances?.InstanceGroups?.map(({ InstanceRole, InstanceCount, Market }) => [
      InstanceRole,
      InstanceCount,
      Market,
    ]),
  ).toEqual([
    ['MASTER', 1, 'ON_DEMAND'],
    ['CORE', 3, 'ON_DEMAND'],
    ['TASK', 5, 'SPOT'],
  ]);
});

it('asks for instance fleets if it names several subnets', () => {
  const { Instances } = request({
    EMR_SUBNET_ID: 'subnet-1,subnet-2',
    EMR_INSTANCE_TYPE: 'm6g.xlarge',
    EMR_TASK_SPOT_COUNT: '2',
  });
  expect(Instances).toEqual({
    InstanceFleets: [
      {
        InstanceFleetType: 'MASTER',
        InstanceTypeConfigs: [{ InstanceType: 'm6g.xlarge' }],
        TargetOnDemandCapacity: 1,
      },
      {
        InstanceFleetType: 'CORE',
        InstanceTypeConfigs: [{ InstanceType: 'm6g.xlarge' }],
        TargetOnDemandCapacity: 1,
      },
      {
        InstanceFleetType: 'TASK',
        InstanceTypeConfigs: [{ InstanceType: 'm6g.xlarge' }],
        TargetSpotCapacity: 2,
        LaunchSpecifications: {
          SpotSpecification: {
            TimeoutDurationMinutes: 10,
            TimeoutAction: 'SWITCH_TO_ON_DEMAND',
          },
        },
      },
    ],
    Ec2SubnetIds: ['subnet-1', 'subnet-2'],
    KeepJobFlowAliveWhenNoSteps: true,
  });
});

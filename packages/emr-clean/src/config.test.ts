import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { describe, expect, it } from 'vitest';
import { validate, variables } from './config.ts';

const base = { PIPELINE_BUCKET: 'lake', AWS_REGION: 'eu-west-1' };
const transient = {
  EMR_SERVICE_ROLE: 'EMR_DefaultRole_V2',
  EMR_JOB_FLOW_ROLE: 'EMR_EC2_DefaultRole',
  EMR_SUBNET_ID: 'subnet-0a1b2c3d',
};
const read = (environment: Record<string, string>) =>
  readConfiguration(variables, { ...base, ...environment }, validate);

describe('configuration', () => {
  it('takes a cluster id, or the variables of a transient cluster', () => {
    expect(read({ EMR_CLUSTER_ID: 'j-1ABC' })).toMatchObject({
      MAX_REJECTED_REVIEWS: 0.01,
      EMR_STEP_TIMEOUT: 7_200_000,
      EMR_LEASE: 60_000,
    });
    expect(read(transient)).toMatchObject({
      EMR_RELEASE_LABEL: 'emr-7.14.0',
      EMR_INSTANCE_COUNT: 2,
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ EMR_SUBNET_ID: 'subnet-1,' }, 'EMR_SUBNET_ID is wrong: expected subnet ids such as'],
    [{ EMR_SUBNET_ID: 'subnet-1, subnet-2' }, 'EMR_SUBNET_ID is wrong: expected subnet ids'],
    [{ EMR_INSTANCE_COUNT: '0' }, 'expected a whole number from 1 to 999'],
    [{ EMR_TASK_SPOT_COUNT: '-1' }, 'expected a whole number from 0 to 999'],
    [{ EMR_PRIMARY_SECURITY_GROUP: 'default' }, 'an id such as sg-0a1b2c3d'],
    [{ EMR_PRIMARY_SECURITY_GROUP: 'sg-1' }, 'EMR_CORE_SECURITY_GROUP is missing'],
    [{ EMR_CORE_SECURITY_GROUP: 'sg-1' }, 'EMR_PRIMARY_SECURITY_GROUP is missing'],
    [
      { EMR_SERVICE_SECURITY_GROUP: 'sg-1' },
      'EMR_PRIMARY_SECURITY_GROUP and EMR_CORE_SECURITY_GROUP are missing (EMR_SERVICE_SECURITY_GROUP needs them)',
    ],
    [
      { EMR_TASK_SPOT_COUNT: '1', EMR_INSTANCE_COUNT: '1' },
      'EMR_INSTANCE_COUNT must be at least 2',
    ],
    ...['team', '=data', 'a=1,a=2', 'aws:a=b', 'a=b,', 'a=$', `${'k'.repeat(129)}=`].map(
      (EMR_TAGS): [Record<string, string>, string] => [
        { EMR_TAGS },
        'EMR_TAGS is wrong: expected tags such as',
      ],
    ),
  ])('of a transient cluster is refused: %j', (own, fault) => {
    expect(() => read({ ...transient, ...own })).toThrow(fault);
  });

  it('reports a wrong variable once, and none of a transient cluster if a cluster is named', () => {
    expect(() => read({ ...transient, EMR_SUBNET_ID: 'here' })).toThrow(
      /^EMR_SUBNET_ID is wrong: [^;]*$/,
    );
    expect(() => read({ EMR_CLUSTER_ID: 'here' })).toThrow(/^EMR_CLUSTER_ID is wrong: [^;]*$/);
    expect(
      read({ EMR_CLUSTER_ID: 'j-1', EMR_CORE_SECURITY_GROUP: 'sg-1' }).EMR_CORE_SECURITY_GROUP,
    ).toBe('sg-1');
  });

  it('reports all faults at once', () => {
    expect(() => read({ MAX_REJECTED_REVIEWS: '2', EMR_STEP_TIMEOUT: 'soon' })).toThrow(
      /EMR_STEP_TIMEOUT is wrong.*MAX_REJECTED_REVIEWS is wrong.*EMR_CLUSTER_ID is missing/,
    );
    expect(() => read({ EMR_SUBNET_ID: transient.EMR_SUBNET_ID })).toThrow(
      /EMR_SERVICE_ROLE is missing.*EMR_JOB_FLOW_ROLE is missing/,
    );
  });

  it.each([
    ['EMR_LEASE', '2s', 'from 3s to 1h'],
    ['EMR_LEASE', '61m', 'from 3s to 1h'],
    ['EMR_LEASE', '999999h', 'from 3s to 1h'],
    ['EMR_STEP_TIMEOUT', '0s', 'from 1s to 3d'],
    ['EMR_STEP_TIMEOUT', '73h', 'from 1s to 3d'],
    ['EMR_STEP_TIMEOUT', '999999d', 'from 1s to 3d'],
  ])('refuses %s=%s and says its range', (name, value, range) => {
    expect(() => read({ EMR_CLUSTER_ID: 'j-1', [name]: value })).toThrow(
      new RegExp(`^${name} is wrong: expected .*, ${range}$`),
    );
  });

  it('accepts only shares from 0 to 1', () => {
    for (const share of ['0', '1', '0.5', '.25']) {
      const configuration = read({ EMR_CLUSTER_ID: 'j-1', MAX_REJECTED_REVIEWS: share });
      expect(configuration.MAX_REJECTED_REVIEWS).toBe(Number(share));
    }
    for (const share of ['1.01', '-0.1', '1%', 'NaN', '1e-2']) {
      expect(() => read({ EMR_CLUSTER_ID: 'j-1', MAX_REJECTED_REVIEWS: share })).toThrow(/share/);
    }
  });
});

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
      EMR_RELEASE_LABEL: 'emr-7.12.0',
      EMR_INSTANCE_COUNT: 3,
    });
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

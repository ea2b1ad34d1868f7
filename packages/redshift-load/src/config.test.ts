import { describe, expect, it } from 'vitest';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { validate, variables } from './config.ts';

const good = {
  PIPELINE_BUCKET: 'stages',
  AWS_REGION: 'eu-west-1',
  REDSHIFT_WORKGROUP: 'analytics',
  REDSHIFT_DATABASE: 'dev',
  SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/service-role/spectrum',
};
const read = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  readConfiguration(variables, { ...good, ...changes }, validate);

describe('the configuration', () => {
  it('names either a workgroup or a cluster', () => {
    expect(read().REDSHIFT_WORKGROUP).toBe('analytics');
    const cluster = { REDSHIFT_WORKGROUP: undefined, REDSHIFT_CLUSTER_ID: 'c-1' };
    expect(read(cluster)).toMatchObject({ REDSHIFT_CLUSTER_ID: 'c-1' });
    expect(() => read({ REDSHIFT_CLUSTER_ID: 'c-1' })).toThrow('exclude each other');
    expect(() => read({ REDSHIFT_WORKGROUP: undefined })).toThrow(
      'REDSHIFT_WORKGROUP is missing (or REDSHIFT_CLUSTER_ID)',
    );
  });

  it('reports all missing variables at once', () => {
    expect(() => readConfiguration(variables, {}, validate)).toThrow(
      /PIPELINE_BUCKET is missing.*AWS_REGION.*REDSHIFT_DATABASE.*SPECTRUM_ROLE_ARN.*REDSHIFT_WORKGROUP/,
    );
  });

  it('lets a statement run for two hours by default', () => {
    expect(read().REDSHIFT_STATEMENT_TIMEOUT).toBe(7_200_000);
    expect(read({ REDSHIFT_STATEMENT_TIMEOUT: '90s' }).REDSHIFT_STATEMENT_TIMEOUT).toBe(90_000);
    expect(() => read({ REDSHIFT_STATEMENT_TIMEOUT: '25h' })).toThrow('from 1s to 24h');
  });

  it.each([
    ['REDSHIFT_STATEMENT_TIMEOUT', '0s'],
    ['REDSHIFT_STATEMENT_TIMEOUT', 'soon'],
    ['REDSHIFT_STATEMENT_TIMEOUT', '999999h'],
    ['SPECTRUM_ROLE_ARN', "arn:aws:iam::123456789012:role/x'"],
    ['SPECTRUM_ROLE_ARN', 'my-role'],
    ['REDSHIFT_DATABASE', 'dev; drop'],
    ['REDSHIFT_WORKGROUP', 'a b'],
    ['REDSHIFT_SECRET_ARN', 'password'],
    ['PIPELINE_BUCKET', "x'y"],
    ['AWS_ENDPOINT_URL_REDSHIFT_DATA', 'localhost:1'],
  ])('rejects %s=%s and says what it expected', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name} is wrong: expected [^;]*$`));
  });
});

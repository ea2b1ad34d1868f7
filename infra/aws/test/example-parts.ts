/** Parts of other stacks with made-up names, and a context for them. */
import { type Context, readContext } from '../src/context.ts';
import type { Parts } from '../src/job-environment.ts';

export const exampleContext = (values: Readonly<Record<string, unknown>> = {}): Context =>
  readContext(
    {
      account: '123456789012',
      region: 'us-east-1',
      email: 'data-team@example.com',
      tag: '5a14461',
      ...values,
    },
    '2026-11-29',
  );

export const exampleParts: Parts = {
  storage: {
    bucketName: 'data',
    logsBucketName: 'logs',
    repositoryPrefix: 'user-behaviour/',
  },
  network: {
    vpcId: 'vpc-0a1b2c31',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    jobSubnetIds: ['subnet-0a1b2c31', 'subnet-0a1b2c32'],
    dataSubnetIds: ['subnet-0a1b2c33', 'subnet-0a1b2c34'],
    taskSecurityGroupId: 'sg-0a1b2c31',
  },
  cluster: {
    serviceRoleName: 'emr-service',
    serviceRoleArn: 'arn:aws:iam::123456789012:role/emr-service',
    instanceProfileName: 'emr-instances',
    instanceRoleArn: 'arn:aws:iam::123456789012:role/emr-instances',
    primarySecurityGroupId: 'sg-0a1b2c32',
    coreSecurityGroupId: 'sg-0a1b2c33',
    serviceSecurityGroupId: 'sg-0a1b2c34',
    securityConfigurationName: 'encrypted',
  },
  warehouse: {
    workgroupName: 'analytics',
    workgroupArn: 'arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/7d3c',
    database: 'dev',
    spectrumRoleArn: 'arn:aws:iam::123456789012:role/spectrum',
  },
  source: {
    secretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-AbCdEf',
    caUrl: 'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
    reviews: 's3://vendor/reviews/{ds}.csv',
  },
};
